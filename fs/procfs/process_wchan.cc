// /proc/PID/wchan: the function in which a thread waits. Source: proc_pid_wchan(5).
#include <array>

#include "arch/include/arch/platform.h"
#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

/// Waiting itself: whoever called it is meant.
bool is_way_of_waiting(std::string_view function) {
  const std::string_view name = function.substr(0, function.find('('));
  return name.contains("k::sched::") || name.contains("k::sync::") || name.starts_with("ht_");
}

/// The name without parameters; of a call's decoder, its handler's.
std::string_view plain_name(std::string_view function) {
  constexpr std::string_view kDecoder = "k::sys::Call<&";
  if (function.starts_with(kDecoder)) {
    function.remove_prefix(kDecoder.size());
    return function.substr(0, function.find(','));
  }
  function = function.substr(0, function.find_first_of("<("));
  return function.substr(function.rfind(' ') + 1);
}

/// Empty: it runs, or ran meanwhile.
std::string_view waits_in(const Task& thread) {
  if (thread.state() == sched::ThreadState::running || thread.is_on_cpu()) return {};
  std::array<std::uint64_t, 32> frames;
  const std::size_t n = arch::backtrace_of(thread.context, thread.stack_top(), frames);
  for (std::size_t i = 0; i < n; ++i) {
    const std::string_view function = arch::symbolize(frames[i]).name;
    if (!function.empty() && !is_way_of_waiting(function)) return plain_name(function);
  }
  return {};
}

}  // namespace

Result<void> show_wchan(const Subject& subject, TextBuffer& out) {
  std::string_view place;
  if (subject.check_access() && !subject.first_thread_left())
    (void)subject.with_task([&](const Task& t) { place = waits_in(t); });
  out.put(place.empty() ? "0" : place);
  return {};
}

}  // namespace k::fs::proc
