#include <linux/capability.h>

#include <algorithm>
#include <array>

#include "kernel/task/system_identity.h"
#include "kernel/task/task.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

using task::SystemName;

template <std::size_t N>
void put(char (&field)[N], std::string_view text) {
  static_assert(N > task::kNameMax);
  text.copy(field, N - 1);
}

Result<void> change_name(Task& self, SystemName which, UserAddr from, int length) {
  if (!self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
  if (length < 0 || length > static_cast<int>(task::kNameMax)) return err(Errno::inval);
  std::array<char, task::kNameMax> text;
  const auto n = static_cast<std::size_t>(length);
  if (arch::copy_from_user(text.data(), from, n) != 0) return err(Errno::fault);
  task::set_name(which, {text.data(), n});
  return {};
}

}  // namespace

Result<void> uname(Task&, UserOut<uapi::new_utsname> name) {
  uapi::new_utsname out{};
  put(out.sysname, task::kSystemName);
  (void)task::get_name(SystemName::host, std::span{out.nodename}.first(task::kNameMax));
  put(out.release, task::kRelease);
  put(out.version, task::kVersion);
  put(out.machine, task::kMachine);
  (void)task::get_name(SystemName::domain, std::span{out.domainname}.first(task::kNameMax));
  return name.write(out);
}

Result<void> sethostname(Task& self, UserAddr name, int length) {
  return change_name(self, SystemName::host, name, length);
}
Result<void> setdomainname(Task& self, UserAddr name, int length) {
  return change_name(self, SystemName::domain, name, length);
}

}  // namespace k::sys
