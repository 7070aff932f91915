#include "kernel/task/identity.h"
#include "syscalls/calls_creds.h"

namespace k::sys {
namespace {

using fs::Credentials;

/// Copies the caller's credentials, lets `change` alter the copy, and publishes it.
template <class Change>
Result<void> change_identity(Task& self, Change change) {
  auto next = TRY(self.creds().copy());
  TRY(change(*next));
  return task::publish_identity(self, std::move(next));
}

Result<void> write_three(UserOut<std::uint32_t> a, UserOut<std::uint32_t> b, UserOut<std::uint32_t> c,
                         const task::IdTriple& ids) {
  TRY(a.write(ids.real));
  TRY(b.write(ids.effective));
  return c.write(ids.saved);
}

}  // namespace

std::uint32_t getuid(Task& self) { return self.creds().uid; }
std::uint32_t geteuid(Task& self) { return self.creds().euid; }
std::uint32_t getgid(Task& self) { return self.creds().gid; }
std::uint32_t getegid(Task& self) { return self.creds().egid; }

Result<void> getresuid(Task& self, UserOut<std::uint32_t> real, UserOut<std::uint32_t> effective,
                       UserOut<std::uint32_t> saved) {
  const Credentials& c = self.creds();
  return write_three(real, effective, saved, {c.uid, c.euid, c.suid});
}

Result<void> getresgid(Task& self, UserOut<std::uint32_t> real, UserOut<std::uint32_t> effective,
                       UserOut<std::uint32_t> saved) {
  const Credentials& c = self.creds();
  return write_three(real, effective, saved, {c.gid, c.egid, c.sgid});
}

Result<void> setuid(Task& self, std::uint32_t uid) {
  return change_identity(self, [&](Credentials& c) { return task::change_uid(c, uid); });
}

Result<void> setgid(Task& self, std::uint32_t gid) {
  return change_identity(self, [&](Credentials& c) { return task::change_gid(c, gid); });
}

Result<void> setreuid(Task& self, std::uint32_t real, std::uint32_t effective) {
  return change_identity(self, [&](Credentials& c) { return task::change_real_and_effective_uid(c, real, effective); });
}

Result<void> setregid(Task& self, std::uint32_t real, std::uint32_t effective) {
  return change_identity(self, [&](Credentials& c) { return task::change_real_and_effective_gid(c, real, effective); });
}

Result<void> setresuid(Task& self, std::uint32_t real, std::uint32_t effective, std::uint32_t saved) {
  return change_identity(self, [&](Credentials& c) { return task::change_all_uids(c, {real, effective, saved}); });
}

Result<void> setresgid(Task& self, std::uint32_t real, std::uint32_t effective, std::uint32_t saved) {
  return change_identity(self, [&](Credentials& c) { return task::change_all_gids(c, {real, effective, saved}); });
}

/// Returns the former ID whether it changed or not; memory exhaustion, like a refusal, changes nothing. Source: setfsuid(2).
std::uint32_t setfsuid(Task& self, std::uint32_t uid) {
  const std::uint32_t former = self.creds().fsuid;
  if (auto next = self.creds().copy(); next && task::change_fs_uid(**next, uid))
    (void)task::publish_identity(self, std::move(*next));
  return former;
}

std::uint32_t setfsgid(Task& self, std::uint32_t gid) {
  const std::uint32_t former = self.creds().fsgid;
  if (auto next = self.creds().copy(); next && task::change_fs_gid(**next, gid))
    (void)task::publish_identity(self, std::move(*next));
  return former;
}

}  // namespace k::sys
