#include <linux/capability.h>

#include <array>

#include "kernel/task/identity.h"
#include "kernel/task/process.h"
#include "syscalls/calls_creds.h"

namespace k::sys {
namespace {

using fs::CapabilitySet;

/// 32-bit words per set in each version of the interface. Source: capget(2).
Result<std::size_t> words_of(std::uint32_t version) {
  switch (version) {
    case _LINUX_CAPABILITY_VERSION_1:
      return _LINUX_CAPABILITY_U32S_1;
    case _LINUX_CAPABILITY_VERSION_2:
      return _LINUX_CAPABILITY_U32S_2;
    case _LINUX_CAPABILITY_VERSION_3:
      return _LINUX_CAPABILITY_U32S_3;
    default:
      return err(Errno::inval);
  }
}

/// An unknown version is answered with the preferred one.
Result<std::size_t> negotiate(UserInOut<CapabilityHeader> header, const CapabilityHeader& given) {
  const auto words = words_of(given.version);
  if (!words) TRY(header.out().write({_LINUX_CAPABILITY_VERSION_3, given.pid}));
  return words;
}

std::uint32_t word(CapabilitySet set, std::size_t i) { return static_cast<std::uint32_t>(set.bits() >> (32 * i)); }

Result<Ref<fs::Credentials>> credentials_of(const Task& self, std::int32_t pid) {
  if (pid == 0 || pid == self.tid()) return self.shared_credentials();
  const sync::rcu::ReadGuard reading;
  const Task* other = task::find_task(pid);
  if (other == nullptr) return err(Errno::srch);
  return other->shared_credentials();
}

}  // namespace

Result<void> capget(Task& self, UserInOut<CapabilityHeader> header, UserOut<CapabilityWords> data) {
  const CapabilityHeader given = TRY(header.in().read());
  const auto words = negotiate(header, given);
  if (!words) {
    // Without data the caller only asks for the version.
    if (data.is_null() && words.error() == Errno::inval) return {};
    return err(words.error());
  }
  if (given.pid < 0) return err(Errno::inval);
  const auto c = TRY(credentials_of(self, given.pid));
  if (data.is_null()) return {};
  for (std::size_t i = 0; i < *words; ++i) {
    TRY((data + i).write({word(c->effective, i), word(c->permitted, i), word(c->inheritable, i)}));
  }
  return {};
}

Result<void> capset(Task& self, UserInOut<CapabilityHeader> header, UserIn<CapabilityWords> data) {
  const CapabilityHeader given = TRY(header.in().read());
  const std::size_t words = TRY(negotiate(header, given));
  if (given.pid != 0 && given.pid != self.tid()) return err(Errno::perm);
  std::uint64_t effective = 0, permitted = 0, inheritable = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const CapabilityWords w = TRY((data + i).read());
    effective |= std::uint64_t{w.effective} << (32 * i);
    permitted |= std::uint64_t{w.permitted} << (32 * i);
    inheritable |= std::uint64_t{w.inheritable} << (32 * i);
  }
  auto next = TRY(self.creds().copy());
  TRY(task::change_capabilities(*next,
                                {CapabilitySet{effective}, CapabilitySet{permitted}, CapabilitySet{inheritable}}));
  return task::publish_identity(self, std::move(next));
}

}  // namespace k::sys
