// /proc/self/fail-nth, where the flavour can make allocations fail. Source: fault-injection.rst of Linux's documentation.
#include <charconv>

#include "fs/procfs/process.h"
#include "kernel/task/task.h"

#if defined(HT_DEBUG)
namespace k::fs::proc {
namespace {

/// The count belongs to its thread alone.
Result<void> check_self(const Subject& subject) {
  return subject.process()
                 .transform([](const auto& process) { return process.get() == &task::current().process(); })
                 .value_or(false)
             ? Result<void>{}
             : err(Errno::perm);
}

}  // namespace

Result<void> show_fail_nth(const Subject& subject, TextBuffer& out) {
  TRY(check_self(subject));
  out.print("{}\n", task::current().fail_nth);
  return {};
}

Result<void> store_fail_nth(const Subject& subject, std::string_view text) {
  TRY(check_self(subject));
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return err(Errno::inval);
  task::current().fail_nth = count;
  return {};
}

}  // namespace k::fs::proc
#endif
