#include "kernel/task/identity.h"
#include "kernel/task/process.h"

namespace k::task {

Result<void> publish_identity(Task& self, Ref<fs::Credentials> next) {
  const fs::Credentials& old = self.creds();
  const bool other_subject = next->euid != old.euid || next->egid != old.egid || next->fsuid != old.fsuid ||
                             next->fsgid != old.fsgid || !next->permitted.subset_of(old.permitted);
  if (next->uid != self.user().uid()) {
    auto user = TRY(User::find_or_create(next->uid));
    self.set_user(std::move(user));
  }
  if (other_subject) {
    self.process().dumpable = false;
    self.parent_death_signal = 0;
  }
  self.set_credentials(std::move(next));
  return {};
}

}  // namespace k::task
