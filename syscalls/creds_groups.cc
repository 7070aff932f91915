#include <linux/limits.h>

#include <algorithm>
#include <memory>

#include "kernel/task/identity.h"
#include "syscalls/calls_creds.h"

namespace k::sys {

Result<int> getgroups(Task& self, int size, UserOut<std::uint32_t> list) {
  if (size < 0) return err(Errno::inval);
  const fs::Credentials& c = self.creds();
  const std::span<const fs::Gid> groups = c.groups ? c.groups->groups() : std::span<const fs::Gid>{};
  const auto count = static_cast<int>(groups.size());
  if (size == 0) return count;
  if (size < count) return err(Errno::inval);
  TRY(list.write_all(groups));
  return count;
}

Result<void> setgroups(Task& self, int size, UserIn<std::uint32_t> list) {
  if (!self.creds().has(CAP_SETGID)) return err(Errno::perm);
  if (size < 0 || size > NGROUPS_MAX) return err(Errno::inval);
  const auto count = static_cast<std::size_t>(size);
  const std::unique_ptr<fs::Gid[]> groups{new (std::nothrow) fs::Gid[std::max<std::size_t>(count, 1)]};
  if (!groups) return err(Errno::nomem);
  const std::span<fs::Gid> members{groups.get(), count};
  for (std::size_t i = 0; i < count; ++i) {  // one by one: a number that is none comes before a fault behind it
    members[i] = TRY((list + i).read());
    if (members[i] == fs::kNoId) return err(Errno::inval);
  }
  auto next = TRY(self.creds().copy());
  next->groups = TRY(fs::GroupList::create(members));
  return task::publish_identity(self, std::move(next));
}

}  // namespace k::sys
