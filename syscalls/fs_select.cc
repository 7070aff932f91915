// select, pselect6.
#include <linux/time_types.h>

#include "syscalls/fs_wait.h"

namespace k::sys {
namespace {

using sync::PollEvent;
using sync::PollEvents;

constexpr PollEvents kInSet =
    PollEvents{PollEvent::rdnorm} | PollEvent::rdband | PollEvent::in | PollEvent::hup | PollEvent::err;
constexpr PollEvents kOutSet = PollEvents{PollEvent::wrband} | PollEvent::wrnorm | PollEvent::out | PollEvent::err;
constexpr PollEvents kExceptSet = PollEvents{PollEvent::pri};

/// The three bit sets as the caller gave them and as they come back: six bitmaps of `words` words.
class SelectSet {
 public:
  static constexpr std::size_t kSets = 3;
  using Pointers = std::array<UserAddr, kSets>;

  SelectSet() {}
  SelectSet(const SelectSet&) = delete;
  SelectSet& operator=(const SelectSet&) = delete;

  Result<void> read(const Task& self, unsigned count, const Pointers& sets);
  int look(fs::PollWait* wait);
  Result<void> write(const Pointers& sets) const;

 private:
  static constexpr std::size_t kShortWords = 4;  // 256 descriptors
  struct Open {
    Open(fs::FileHandle f, unsigned n) : file(std::move(f)), number(n) {}
    fs::FileHandle file;
    unsigned number;
  };

  std::uint64_t* wanted(std::size_t set) const { return bits_ + set * words_; }
  std::uint64_t* ready(std::size_t set) const { return bits_ + (kSets + set) * words_; }
  std::uint64_t any_wanted(std::size_t word) const { return wanted(0)[word] | wanted(1)[word] | wanted(2)[word]; }
  Result<void> find_files(const Task& self);
  int answer(unsigned number, PollEvents events);
  PollEvents events_wanted(unsigned number) const;

  unsigned count_ = 0;
  std::size_t words_ = 0, open_count_ = 0;
  std::uint64_t* bits_ = nullptr;
  std::uint64_t short_bits_[2 * kSets * kShortWords];
  Box<std::uint64_t[]> long_bits_;
  Box<std::optional<Open>[]> open_;
};

bool bit(const std::uint64_t* bits, unsigned n) { return (bits[n / 64] >> (n % 64) & 1) != 0; }

Result<void> SelectSet::read(const Task& self, unsigned count, const Pointers& sets) {
  count_ = count;
  words_ = (count + 63) / 64;
  bits_ = short_bits_;
  if (words_ > kShortWords) {
    long_bits_.reset(new (std::nothrow) std::uint64_t[2 * kSets * words_]);
    if (!long_bits_) return err(Errno::nomem);
    bits_ = long_bits_.get();
  }
  std::fill_n(bits_, 2 * kSets * words_, 0);
  for (std::size_t s = 0; s < kSets; ++s) {
    if (sets[s].value == 0) continue;
    TRY(UserIn<std::uint64_t>{sets[s]}.read_all({wanted(s), words_}));
    if (count % 64 != 0) wanted(s)[words_ - 1] &= (std::uint64_t{1} << (count % 64)) - 1;
  }
  return find_files(self);
}

Result<void> SelectSet::find_files(const Task& self) {
  std::size_t wanted_count = 0;
  for (std::size_t w = 0; w < words_; ++w) wanted_count += static_cast<std::size_t>(std::popcount(any_wanted(w)));
  if (wanted_count == 0) return {};
  open_.reset(new (std::nothrow) std::optional<Open>[wanted_count]);
  if (!open_) return err(Errno::nomem);
  for (std::size_t w = 0; w < words_; ++w) {
    for (std::uint64_t left = any_wanted(w); left != 0; left &= left - 1) {
      const auto number = static_cast<unsigned>(w * 64 + static_cast<unsigned>(std::countr_zero(left)));
      open_[open_count_++].emplace(TRY(self.fds().get(static_cast<int>(number))), number);
    }
  }
  return {};
}

PollEvents SelectSet::events_wanted(unsigned number) const {
  PollEvents events;
  if (bit(wanted(0), number)) events = events | kInSet;
  if (bit(wanted(1), number)) events = events | kOutSet;
  if (bit(wanted(2), number)) events = events | kExceptSet;
  return events;
}

int SelectSet::answer(unsigned number, PollEvents events) {
  constexpr PollEvents kEvents[kSets] = {kInSet, kOutSet, kExceptSet};
  int found = 0;
  for (std::size_t s = 0; s < kSets; ++s) {
    if (!bit(wanted(s), number) || (events & kEvents[s]).empty()) continue;
    ready(s)[number / 64] |= std::uint64_t{1} << (number % 64);
    ++found;
  }
  return found;
}

int SelectSet::look(fs::PollWait* wait) {
  int found = 0;
  for (std::size_t i = 0; i < open_count_; ++i) {
    const Open& open = *open_[i];
    if (wait != nullptr) wait->want(events_wanted(open.number));
    found += answer(open.number, open.file->poll(found == 0 ? wait : nullptr));
  }
  return found;
}

Result<void> SelectSet::write(const Pointers& sets) const {
  for (std::size_t s = 0; s < kSets; ++s) {
    if (sets[s].value != 0) TRY(UserOut<std::uint64_t>{sets[s]}.write_all({ready(s), words_}));
  }
  return {};
}

Result<int> select_until(Task& self, int count, const SelectSet::Pointers& sets, Deadline deadline) {
  if (count < 0) return err(Errno::inval);
  SelectSet set;
  TRY(set.read(self, std::min(static_cast<unsigned>(count), self.fds().capacity()), sets));
  const int ready = TRY(wait_for_ready(deadline, [&](fs::PollWait* wait) { return set.look(wait); }));
  TRY(set.write(sets));
  return ready;
}

constexpr std::int64_t kUsPerSecond = 1'000'000;

Result<Deadline> read_timeout(UserIn<uapi::__kernel_old_timeval> timeout) {
  if (timeout.is_null()) return Deadline::never();
  const uapi::__kernel_old_timeval t = TRY(timeout.read());
  // Microseconds beyond a second count as seconds, and only what comes out has to be a time.
  std::int64_t seconds;
  if (__builtin_add_overflow(t.tv_sec, t.tv_usec / kUsPerSecond, &seconds)) return err(Errno::inval);
  if (seconds < 0 || t.tv_usec % kUsPerSecond < 0) return err(Errno::inval);
  if (seconds >= INT64_MAX / 1'000'000'000) return Deadline::never();
  return Deadline::after(static_cast<std::uint64_t>(seconds) * 1'000'000'000 +
                         static_cast<std::uint64_t>(t.tv_usec % kUsPerSecond) * 1000);
}

}  // namespace

Result<int> select(Task& self, int count, UserAddr in, UserAddr out, UserAddr except,
                   UserInOut<uapi::__kernel_old_timeval> timeout) {
  const Deadline deadline = TRY(read_timeout(timeout.in()));
  const auto ready = select_until(self, count, {in, out, except}, deadline);
  if (!timeout.in().is_null() && !deadline.is_never()) {
    const auto left_us = static_cast<std::int64_t>(deadline.remaining_ns() / 1000);
    (void)timeout.out().write({left_us / kUsPerSecond, left_us % kUsPerSecond});
  }
  return ready;
}

Result<int> pselect6(Task& self, int count, UserAddr in, UserAddr out, UserAddr except,
                     UserInOut<uapi::__kernel_timespec> timeout, UserIn<SelectMask> mask) {
  SelectMask m{};
  if (!mask.is_null()) m = TRY(mask.read());
  const Deadline deadline = TRY(sys::read_timeout(timeout.in()));
  if (!mask.is_null()) {
    TRY(block_for_wait(self, UserIn<std::uint64_t>{UserAddr{m.address}}, m.bytes));
  }
  const auto ready = select_until(self, count, {in, out, except}, deadline);
  return end_wait(self, ready, timeout, deadline);
}

}  // namespace k::sys
