#include "net/socket/in_flight_account.h"

#include "kernel/sync/guarded.h"

namespace k::net {
namespace {

using Accounts = lib::Queue<InFlightAccount, &InFlightAccount::node>;
constinit sync::SpinGuarded<Accounts, sync::Rank::socket_names> accounts;

}  // namespace

Result<Ref<InFlightAccount>> InFlightAccount::find_or_create(fs::Uid uid) {
  auto fresh = TRY(make_ref<InFlightAccount>(uid));
  sync::Locked all{accounts};
  for (InFlightAccount* a = all->front(); a != nullptr; a = Accounts::next(*a)) {
    if (a->uid_ == uid && a->try_ref()) return Ref<InFlightAccount>::adopt(*a);
  }
  fresh->listed_ = true;
  all->push_back(*fresh);
  return fresh;
}

void InFlightAccount::on_last_ref() {
  if (listed_) {
    sync::Locked all{accounts};
    all->erase(*this);
  }
  delete this;
}

}  // namespace k::net
