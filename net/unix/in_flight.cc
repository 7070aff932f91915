#include "net/unix/in_flight.h"

#include "net/socket/in_flight_account.h"
#include "net/socket/socket_file.h"
#include "net/unix/unix_socket.h"

namespace k::net {

/// The sockets in flight, and the collector's steps over them; all under one lock.
class Flights {
 public:
  void depart(Rights& rights);
  void land(Rights& rights);
  bool any() const { return !sockets_.empty(); }
  /// Takes the rights out of every queue that nobody can reach.
  using RightsQueue = lib::Queue<Rights, &Rights::node>;
  void collect(RightsQueue& unreachable);

 private:
  using Sockets = lib::Queue<UnixSocket, &UnixSocket::flight_node_>;
  using Reached = lib::Queue<UnixSocket, &UnixSocket::reached_node_>;
  static UnixSocket* socket_of(const Rights::Entry& file);
  /// Every message queued at `socket`, or at those that wait there to be accepted.
  template <class Visit>
  static void each_message(UnixSocket& socket, Visit visit);
  template <class Visit>
  static void each_own_message(UnixSocket& socket, Visit visit);
  static UnixSocket* pending_after(UnixSocket& listener, UnixSocket* previous);
  template <class Visit>
  static void each_child(UnixSocket& socket, Visit visit);
  bool mark_candidates();
  void spare_reachable();

  Sockets sockets_;
};

namespace {

constinit sync::SpinGuarded<Flights, sync::Rank::sockets_in_flight> flights;
constinit std::atomic<bool> any_in_flight{false};

}  // namespace

UnixSocket* Flights::socket_of(const Rights::Entry& file) {
  SocketFile* const found = file ? try_socket_file(*file) : nullptr;
  if (found == nullptr || found->socket().family() != abi::kAfUnix) return nullptr;
  return &static_cast<UnixSocket&>(found->socket());
}

void Flights::depart(Rights& rights) {
  for (const Rights::Entry& file : rights.files()) {
    UnixSocket* const s = socket_of(file);
    if (s != nullptr && s->flights_++ == 0) sockets_.push_back(*s);
  }
}

void Flights::land(Rights& rights) {
  for (const Rights::Entry& file : rights.files()) {
    UnixSocket* const s = socket_of(file);
    if (s != nullptr && --s->flights_ == 0) sockets_.erase(*s);
  }
}

template <class Visit>
void Flights::each_message(UnixSocket& socket, Visit visit) {
  each_own_message(socket, visit);
  for (UnixSocket* p = pending_after(socket, nullptr); p != nullptr; p = pending_after(socket, p)) {
    each_own_message(*p, visit);
  }
}

template <class Visit>
void Flights::each_own_message(UnixSocket& socket, Visit visit) {
  sync::Locked inbox{socket.inbox_};
  for (Message* m = inbox->messages.front(); m != nullptr; m = MessageQueue::next(*m)) visit(*m);
}

/// The next of those that wait to be accepted by a candidate, which nobody can do: they only get more while this looks.
UnixSocket* Flights::pending_after(UnixSocket& listener, UnixSocket* previous) {
  sync::Locked inbox{listener.inbox_};
  return previous == nullptr ? inbox->pending.front() : decltype(inbox->pending)::next(*previous);
}

template <class Visit>
void Flights::each_child(UnixSocket& socket, Visit visit) {
  each_message(socket, [&](Message& message) {
    if (!message.rights) return;
    for (const Rights::Entry& file : message.rights->files()) {
      UnixSocket* const child = socket_of(file);
      if (child != nullptr && child->candidate_) visit(*child);
    }
  });
}

/// Candidates are the sockets whose every reference is a flight.
bool Flights::mark_candidates() {
  bool any = false;
  for (UnixSocket* s = sockets_.front(); s != nullptr; s = Sockets::next(*s)) {
    s->unexplained_ = s->flights_;
    s->candidate_ = s->file_.load(std::memory_order_relaxed)->ref_count() == s->flights_;
    any = any || s->candidate_;
  }
  return any;
}

/// A candidate with a flight that is not queued at a candidate can be reached, and so can all that is queued there.
void Flights::spare_reachable() {
  for (UnixSocket* s = sockets_.front(); s != nullptr; s = Sockets::next(*s)) {
    if (s->candidate_) each_child(*s, [](UnixSocket& child) { --child.unexplained_; });
  }
  Reached reached;
  const auto spare = [&](UnixSocket& s) {
    s.candidate_ = false;
    reached.push_back(s);
  };
  for (UnixSocket* s = sockets_.front(); s != nullptr; s = Sockets::next(*s)) {
    if (s->candidate_ && s->unexplained_ > 0) spare(*s);
  }
  while (UnixSocket* const s = reached.pop_front()) each_child(*s, spare);
}

void Flights::collect(RightsQueue& unreachable) {
  if (!mark_candidates()) return;
  spare_reachable();
  for (UnixSocket* s = sockets_.front(); s != nullptr; s = Sockets::next(*s)) {
    if (!s->candidate_) continue;
    each_message(*s, [&](Message& message) {
      if (message.rights) unreachable.push_back(*message.rights.release());
    });
  }
  for (Rights* r = unreachable.front(); r != nullptr; r = RightsQueue::next(*r)) land(*r);
}

Result<void> begin_flight(Rights& rights, const Caller& caller) {
  auto account = TRY(InFlightAccount::find_or_create(caller.real.uid));
  const bool too_many = account->files.load(std::memory_order_relaxed) > caller.open_files_limit;
  if (too_many && !caller.exceeds_limits) return err(Errno::toomanyrefs);
  account->files.fetch_add(rights.count());
  rights.account = std::move(account);
  sync::Locked all{flights};
  all->depart(rights);
  any_in_flight.store(all->any(), std::memory_order_relaxed);
  return {};
}

namespace {

void settle(Rights& rights) {
  rights.account->files.fetch_sub(rights.count());
  rights.account.reset();
}

}  // namespace

void end_flight(Rights& rights) {
  {
    sync::Locked all{flights};
    all->land(rights);
    any_in_flight.store(all->any(), std::memory_order_relaxed);
  }
  settle(rights);
}

Result<Box<Rights>> copy_rights(const Rights& rights) {
  auto twin = TRY(Rights::create(rights.count()));
  sync::Locked all{flights};
  for (std::size_t i = 0; i < rights.count(); ++i) twin->files()[i] = rights.files()[i];
  return twin;
}

void collect_unreachable_sockets() {
  if (!any_in_flight.load(std::memory_order_relaxed)) return;
  Flights::RightsQueue unreachable;
  {
    sync::Locked all{flights};
    all->collect(unreachable);
    any_in_flight.store(all->any(), std::memory_order_relaxed);
  }
  while (Rights* const rights = unreachable.pop_front()) {
    settle(*rights);
    drop_rights(Box<Rights>{rights});
  }
}

}  // namespace k::net
