// /proc/PID/loginuid and sessionid: who logged in, which stays however IDs change. Source: Linux's ABI description,
// procfs-audit_loginuid.
#include <linux/capability.h>

#include <charconv>

#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

using task::AuditIdentity;

constinit std::atomic<std::uint32_t> g_last_session{0};

std::uint32_t next_session() {
  std::uint32_t session = ++g_last_session;
  if (session == AuditIdentity::kUnset) session = ++g_last_session;
  return session;
}

Result<std::uint32_t> id_in(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc::result_out_of_range) return err(Errno::range);
  if (error != std::errc{} || end != text.data() + text.size()) return err(Errno::inval);
  return id;
}

}  // namespace

Result<void> show_login_uid(const Subject& subject, TextBuffer& out) {
  return subject.with_task([&](const Task& t) { out.print("{}", t.audit.login_uid.load()); });
}

Result<void> show_session_id(const Subject& subject, TextBuffer& out) {
  return subject.with_task([&](const Task& t) { out.print("{}", t.audit.session.load()); });
}

/// A thread names its own, and once only unless it is privileged.
Result<void> store_login_uid(const Subject& subject, std::string_view text) {
  Task& self = task::current();
  bool is_self = false;
  (void)subject.with_task([&](const Task& t) { is_self = &t == &self; });
  if (!is_self) return err(Errno::perm);
  const std::uint32_t id = TRY(id_in(text));
  const bool is_set = self.audit.login_uid != AuditIdentity::kUnset;
  if (is_set && !self.creds().has(CAP_AUDIT_CONTROL)) return err(Errno::perm);
  self.audit.session = id == AuditIdentity::kUnset ? AuditIdentity::kUnset : next_session();
  self.audit.login_uid = id;
  return {};
}

}  // namespace k::fs::proc
