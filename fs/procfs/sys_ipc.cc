#include "fs/procfs/sys_ipc.h"

#include <array>

#include "ipc/mqueue/limits.h"

namespace k::fs::proc {
namespace detail {
namespace {

using ipc::sysv::SemaphoreLimits;

SemaphoreLimits& semaphore_limits() { return ipc_namespace().semaphore_limits; }

/// SEMMSL, SEMMNS, SEMOPM, SEMMNI.
std::array<std::atomic<int>*, 4> in_order(SemaphoreLimits& l) {
  return {&l.per_set, &l.in_all, &l.operations, &l.sets};
}

std::string_view next_word(std::string_view& text) {
  constexpr std::string_view kSpaces = " \t\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpaces));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<void> show_semaphore_limits(const Subject&, TextBuffer& out) {
  const SemaphoreLimits& l = semaphore_limits();
  out.print("{}\t{}\t{}\t{}\n", l.per_set.load(), l.in_all.load(), l.operations.load(), l.sets.load());
  return {};
}

/// Fewer numbers change the first ones only.
Result<void> store_semaphore_limits(const Subject&, std::string_view text) {
  std::array<int, 4> wanted;
  std::size_t count = 0;
  for (std::string_view word = next_word(text); !word.empty() && count < wanted.size(); word = next_word(text)) {
    wanted[count++] = TRY(number_in(word, 0, INT32_MAX));
  }
  if (count == wanted.size() && static_cast<std::uint64_t>(wanted[3]) > kMostObjects) return err(Errno::range);
  for (std::size_t i = 0; i < count; ++i) *in_order(semaphore_limits())[i] = wanted[i];
  return {};
}

}  // namespace detail

namespace {

using ipc::mqueue::limits;
using ipc::mqueue::Limits;

auto& queues() { return limits().queues; }
auto& messages() { return limits().messages; }
auto& message_bytes() { return limits().message_bytes; }
auto& default_messages() { return limits().default_messages; }
auto& default_message_bytes() { return limits().default_message_bytes; }

constexpr Entry kMqueue[] = {
    setting<queues, 0, INT32_MAX>("queues_max"),
    setting<messages, Limits::kLeastMessages, Limits::kMostMessages>("msg_max"),
    setting<message_bytes, Limits::kLeastBytes, Limits::kMostBytes>("msgsize_max"),
    setting<default_messages, Limits::kLeastMessages, Limits::kMostMessages>("msg_default"),
    setting<default_message_bytes, Limits::kLeastBytes, Limits::kMostBytes>("msgsize_default"),
};

}  // namespace

constexpr DirectoryTable kMqueueDirectory{kMqueue};

}  // namespace k::fs::proc
