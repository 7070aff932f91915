#include "net/socket/rights.h"

#include "kernel/sync/guarded.h"
#include "net/socket/in_flight_account.h"

namespace k::net {
namespace {

using RightsQueue = lib::Queue<Rights, &Rights::node>;
struct Dropping {
  RightsQueue waiting;
  bool busy = false;  // somebody drops one after the other
};
constinit sync::SpinGuarded<Dropping, sync::Rank::socket_names> dropping;

Rights* next_to_drop() {
  sync::Locked all{dropping};
  Rights* const next = all->waiting.pop_front();
  if (next == nullptr) all->busy = false;
  return next;
}

}  // namespace

Rights::Rights(Box<Entry[]> files, std::size_t count) : files_(std::move(files)), count_(count) {}
Rights::~Rights() = default;

Result<Box<Rights>> Rights::create(std::size_t count) {
  Box<Entry[]> files{new (std::nothrow) Entry[count]};
  if (!files) return err(Errno::nomem);
  return make<Rights>(std::move(files), count);
}

/// Whoever comes while another drops leaves its own with that one: so the depth of the stack does not follow how deeply
/// sockets were sent through sockets.
void drop_rights(Box<Rights> rights) {
  {
    sync::Locked all{dropping};
    all->waiting.push_back(*rights.release());
    if (all->busy) return;
    all->busy = true;
  }
  while (Rights* const next = next_to_drop()) delete next;
}

}  // namespace k::net
