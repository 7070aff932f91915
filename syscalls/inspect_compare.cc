// kcmp.
#include <linux/kcmp.h>

#include <atomic>

#include "kernel/irq/entropy.h"
#include "kernel/task/ptrace_access.h"
#include "syscalls/calls_pidfd.h"

namespace k::sys {
namespace {

using task::ThreadView;

/// Keeps the order of two kernel objects from telling where they are: differences are compared after a secret odd factor, which
/// is a bijection, so the order stays total. Source: kcmp(2), NOTES.
std::uint64_t secret_factor() {
  static constinit std::atomic<std::uint64_t> factor{0};
  std::uint64_t known = factor.load(std::memory_order_relaxed);
  if (known != 0) return known;
  const std::uint64_t fresh = irq::random_u64() | 1;
  return factor.compare_exchange_strong(known, fresh) ? fresh : known;
}

/// 0 equal, 1 less, 2 greater.
int order(const void* first, const void* second) {
  const std::uint64_t factor = secret_factor();
  const std::uint64_t a = reinterpret_cast<std::uint64_t>(first) * factor;
  const std::uint64_t b = reinterpret_cast<std::uint64_t>(second) * factor;
  if (a == b) return 0;
  return a < b ? 1 : 2;
}

Result<int> compare_files(const ThreadView& first, const ThreadView& second, std::uint64_t a, std::uint64_t b) {
  const auto file_of = [](const ThreadView& view, std::uint64_t fd) {
    return view.fds && fd <= INT32_MAX ? view.fds->file_at(static_cast<int>(fd)) : nullptr;
  };
  const auto one = file_of(first, a), other = file_of(second, b);
  if (!one || !other) return err(Errno::badf);
  return order(one.get(), other.get());
}

const void* dispositions_of(const ThreadView& view) {
  Locked signals{view.process->signals};
  return signals->actions.get();
}

}  // namespace

Result<int> kcmp(Task& self, std::int32_t first, std::int32_t second, int what, std::uint64_t a, std::uint64_t b) {
  const ThreadView one = TRY(task::view_thread(self, first, task::CallerIds::real));
  const ThreadView other = TRY(task::view_thread(self, second, task::CallerIds::real));
  switch (what) {
    case uapi::KCMP_FILE:
      return compare_files(one, other, a, b);
    case uapi::KCMP_VM:
      return order(one.space.get(), other.space.get());
    case uapi::KCMP_FILES:
      return order(one.fds.get(), other.fds.get());
    case uapi::KCMP_FS:
      return order(one.fs_context.get(), other.fs_context.get());
    case uapi::KCMP_SIGHAND:
      return order(dispositions_of(one), dispositions_of(other));
    case uapi::KCMP_SYSVSEM:
      return order(one.semaphore_undos.get(), other.semaphore_undos.get());
    case uapi::KCMP_IO:
      return 0;  // nobody has any
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
