#include <linux/capability.h>
#include <linux/personality.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "kernel/lib/format.h"
#include "kernel/task/process.h"
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

/// Programs of the days of Linux 2.6 take a release of two numbers for none: with UNAME26 one of three stands for it, 60 + the second.
/// Source: personality(2).
template <std::size_t N>
void put_release(char (&field)[N], std::uint32_t personality) {
  if ((personality & uapi::UNAME26) == 0) return put(field, task::kRelease);
  const std::size_t dot = task::kRelease.find('.');
  unsigned minor = 0;
  (void)std::from_chars(task::kRelease.data() + dot + 1, task::kRelease.data() + task::kRelease.size(), minor);
  const std::string_view suffix =
      task::kRelease.substr(std::min(task::kRelease.find_first_not_of("0123456789."), task::kRelease.size()));
  const std::size_t length = lib::format_to(std::span{field}.first(N - 1), "2.6.{}{}", minor + 60, suffix);
  field[length] = '\0';
}

/// A 32-bit personality is told of a 32-bit machine. Source: setarch(8).
std::string_view machine(std::uint32_t personality) {
  return (personality & uapi::PER_MASK) == uapi::PER_LINUX32 ? task::kMachine32 : task::kMachine;
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

Result<void> uname(Task& self, UserOut<uapi::new_utsname> name) {
  uapi::new_utsname out{};
  put(out.sysname, task::kSystemName);
  (void)task::get_name(SystemName::host, std::span{out.nodename}.first(task::kNameMax));
  put_release(out.release, self.process().personality);
  put(out.version, task::kVersion);
  put(out.machine, machine(self.process().personality));
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
