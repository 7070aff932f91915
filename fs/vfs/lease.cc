#include "fs/vfs/lease.h"

#include <algorithm>

#include "fs/vfs/file.h"

namespace k::fs {
namespace {

/// Is the file open in a way that a lease of this type excludes? The holder's own opening does not count.
bool is_open_otherwise(const File& file, LeaseType type) {
  const Inode& inode = file.inode();
  if (type == LeaseType::read) return inode.writers() > 0;
  const int own_writers = file.writable() ? 1 : 0;
  const int own_readers = file.readable() && !file.writable() ? 1 : 0;
  return inode.writers() != own_writers || inode.readers() != own_readers;
}

Deadline break_deadline() {
  const int seconds = lease_break_time().load(std::memory_order_relaxed);
  return seconds > 0 ? Deadline::after(static_cast<std::uint64_t>(seconds) * time::kNsPerSecond) : Deadline::never();
}

}  // namespace

std::atomic<int>& lease_break_time() {
  static constinit std::atomic<int> seconds{45};
  return seconds;
}
std::atomic<int>& leases_enabled() {
  static constinit std::atomic<int> enabled{1};
  return enabled;
}

FileLeases::~FileLeases() { HT_ASSERT(empty()); }

FileLeases::Lease* FileLeases::find(State& state, const File& file) {
  Lease* lease = state.leases.front();
  while (lease != nullptr && lease->file != &file) lease = state.leases.next(*lease);
  return lease;
}

void FileLeases::change(State& state, Lease& lease, LeaseType type) {
  lease.type = type;
  lease.must_shrink = false;
  lease.shrinks_at = Deadline::never();
  ++state.changes;
  if (type == LeaseType::none) {
    state.leases.erase(lease);
    count_.fetch_sub(1, std::memory_order_relaxed);
    lease.holder->lease_ended();
    delete &lease;
  }
  changed_.wake_all();
}

void FileLeases::end_overdue(State& state) {
  for (Lease* lease = state.leases.front(); lease != nullptr;) {
    Lease* const next = state.leases.next(*lease);
    if (lease->ends_at.passed()) {
      change(state, *lease, LeaseType::none);
    } else if (lease->shrinks_at.passed()) {
      change(state, *lease, LeaseType::read);
    }
    lease = next;
  }
}

Result<void> FileLeases::check_others(State& state, const File& file, LeaseType type) {
  for (const Lease* lease = state.leases.front(); lease != nullptr; lease = state.leases.next(*lease)) {
    if (lease->file == &file) continue;
    if (type == LeaseType::write || lease->must_end) return err(Errno::again);
  }
  return {};
}

Result<void> FileLeases::set(const File& file, LeaseType type, LeaseHolder& holder) {
  auto fresh = TRY(make<Lease>(Lease{.file = &file, .holder = &holder, .type = type, .node = {}}));
  sync::Locked state{state_};
  end_overdue(*state);
  if (is_open_otherwise(file, type)) return err(Errno::again);
  TRY(check_others(*state, file, type));
  if (Lease* const there = find(*state, file)) {
    change(*state, *there, type);
    holder.lease_taken();
    return {};
  }
  if (leases_enabled().load(std::memory_order_relaxed) == 0) return err(Errno::inval);
  Lease& added = *fresh.release();
  state->leases.push_back(added);
  count_.fetch_add(1, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (is_open_otherwise(file, type)) {
    change(*state, added, LeaseType::none);
    return err(Errno::again);
  }
  holder.lease_taken();
  return {};
}

Result<void> FileLeases::give_back(const File& file) {
  sync::Locked state{state_};
  Lease* const lease = find(*state, file);
  if (lease == nullptr) return err(Errno::again);
  change(*state, *lease, LeaseType::none);
  return {};
}

void FileLeases::drop_of(const File& file) {
  if (!empty()) (void)give_back(file);
}

LeaseType FileLeases::of(const File& file) {
  sync::Locked state{state_};
  end_overdue(*state);
  const Lease* const lease = find(*state, file);
  if (lease == nullptr || lease->must_end) return LeaseType::none;
  return lease->must_shrink ? LeaseType::read : lease->type;
}

std::optional<Deadline> FileLeases::ask_back(State& state, Use use) {
  std::optional<Deadline> until;
  for (Lease* lease = state.leases.front(); lease != nullptr; lease = state.leases.next(*lease)) {
    if (!lease->conflicts_with(use)) continue;
    const bool is_asked = use == Use::write ? lease->must_end : lease->is_due();
    if (!is_asked) {
      (use == Use::write ? lease->must_end : lease->must_shrink) = true;
      (use == Use::write ? lease->ends_at : lease->shrinks_at) = break_deadline();
      lease->holder->lease_wanted();
    }
    until = std::min({until.value_or(Deadline::never()), lease->ends_at, lease->shrinks_at});
  }
  return until;
}

Result<void> FileLeases::break_for(Use use, Wait wait) {
  for (;;) {
    std::optional<Deadline> until;
    std::uint32_t seen;
    {
      sync::Locked state{state_};
      end_overdue(*state);
      until = ask_back(*state, use);
      seen = state->changes;
    }
    if (!until) return {};
    if (wait == Wait::no) return err(Errno::again);
    const auto has_changed = [&] {
      return sync::Locked { state_ } -> changes != seen;
    };
    const auto waited = changed_.wait_until(has_changed, *until);
    if (!waited && waited.error() != Errno::timedout) return waited;
  }
}

}  // namespace k::fs
