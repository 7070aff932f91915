#include "kernel/task/limits.h"

#include "kernel/lib/types.h"

namespace k::task {
namespace {

constexpr std::uint64_t kStackSoft = 8 << 20;
constexpr std::uint64_t kLockedMemory = 8 << 20;
constexpr std::uint64_t kMessageQueueBytes = 819'200;
constexpr std::uint64_t kFilesSoft = 1024, kFilesHard = 4096;

}  // namespace

// Source: the defaults of Linux 6.1's first process (INIT_RLIMITS).
Limits::Limits() {
  for (unsigned i = 0; i < RLIM_NLIMITS; ++i) set(i, Limit{});
  set(RLIMIT_STACK, {kStackSoft, RLIM64_INFINITY});
  set(RLIMIT_CORE, {0, RLIM64_INFINITY});
  set(RLIMIT_NPROC, {0, 0});
  set(RLIMIT_NOFILE, {kFilesSoft, kFilesHard});
  set(RLIMIT_MEMLOCK, {kLockedMemory, kLockedMemory});
  set(RLIMIT_SIGPENDING, {0, 0});
  set(RLIMIT_MSGQUEUE, {kMessageQueueBytes, kMessageQueueBytes});
  set(RLIMIT_NICE, {0, 0});
  set(RLIMIT_RTPRIO, {0, 0});
}

Limits& Limits::operator=(const Limits& other) {
  for (unsigned i = 0; i < RLIM_NLIMITS; ++i) set(i, other.get(i));
  return *this;
}

void Limits::scale_to_memory(std::size_t frames) {
  // Half of the threads whose stacks would fill an eighth of memory, as Linux sets it.
  constexpr std::size_t kBytesPerThread = 16384;
  const std::uint64_t threads = frames * lib::kPageSize / (8 * kBytesPerThread);
  const std::uint64_t each = threads / 2;
  set(RLIMIT_NPROC, {each, each});
  set(RLIMIT_SIGPENDING, {each, each});
}

}  // namespace k::task
