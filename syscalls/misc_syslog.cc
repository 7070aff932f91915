#include <linux/capability.h>

#include <algorithm>
#include <array>

#include "kernel/log/log.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/task/task.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

/// Source: syslog(2).
enum Action {
  close,
  open,
  read,
  read_all,
  read_clear,
  clear,
  console_off,
  console_on,
  console_level,
  size_unread,
  size_buffer
};

/// Where SYSLOG_ACTION_READ and SYSLOG_ACTION_CLEAR stand.
struct Position {
  std::uint64_t read_sequence = 0;
  std::size_t read_offset = 0;  // into the formatted record
  std::uint64_t clear_sequence = 0;
  int saved_level = -1;
};
constinit Guarded<Position, sync::Rank::task> g_position;

constexpr std::size_t kLineMax = log::kMaxMessage * 2 + 64;
using Line = std::array<char, kLineMax>;

/// A record as text. False when there is none at or after `sequence`, which is moved to the record found.
bool format(std::uint64_t& sequence, std::span<char> line, std::size_t& length) {
  log::Record record;
  if (!log::read(sequence, record)) return false;
  sequence = record.sequence;
  length = log::format_record(record, line);
  return true;
}

Result<std::size_t> read_next(UserAddr buffer, std::size_t room) {
  TRY(log::readers().wait_until([] {
    Locked position{g_position};
    return position->read_sequence < log::next_sequence();
  }));
  auto line = TRY(make<Line>());
  std::size_t done = 0;
  while (done < room) {
    std::size_t n = 0;
    {
      Locked position{g_position};
      std::uint64_t found = position->read_sequence;
      std::size_t length = 0;
      if (!format(found, *line, length)) break;
      if (found != position->read_sequence) position->read_offset = 0;
      n = std::min(length - position->read_offset, room - done);
      std::copy_n(line->data() + position->read_offset, n, line->data());
      position->read_sequence = found;
      position->read_offset += n;
      if (position->read_offset == length) position->read_sequence = found + 1, position->read_offset = 0;
    }
    if (arch::copy_to_user(buffer + done, line->data(), n) != 0) return err(Errno::fault);
    done += n;
  }
  return done;
}

/// The newest records that fit into `room`.
std::uint64_t first_that_fits(std::uint64_t from, std::size_t room, std::span<char> line) {
  std::size_t total = 0, length = 0;
  for (std::uint64_t s = from; format(s, line, length); ++s) total += length;
  std::uint64_t first = from;
  for (; total > room && format(first, line, length); ++first) total -= length;
  return first;
}

Result<std::size_t> read_everything(UserAddr buffer, std::size_t room, bool and_clear) {
  auto line = TRY(make<Line>());
  std::uint64_t from = 0;
  {
    Locked position{g_position};
    from = std::max(position->clear_sequence, log::first_sequence());
  }
  const std::uint64_t end = log::next_sequence();
  std::size_t done = 0, length = 0;
  for (std::uint64_t s = first_that_fits(from, room, *line); s < end && format(s, *line, length); ++s) {
    const std::size_t n = std::min(length, room - done);
    if (arch::copy_to_user(buffer + done, line->data(), n) != 0) return err(Errno::fault);
    done += n;
  }
  if (and_clear) {
    Locked position{g_position};
    position->clear_sequence = end;
  }
  return done;
}

std::size_t unread_bytes() {
  std::array<char, kLineMax> line;
  Locked position{g_position};
  std::size_t total = 0, length = 0;
  for (std::uint64_t s = position->read_sequence; format(s, line, length); ++s) total += length;
  return total - std::min(total, position->read_offset);
}

Result<std::size_t> set_level(int type, int level) {
  Locked position{g_position};
  switch (type) {
    case console_off:
      if (position->saved_level < 0) position->saved_level = log::console_level();
      log::set_console_level(1);
      return 0u;
    case console_on:
      if (position->saved_level >= 0) log::set_console_level(position->saved_level);
      position->saved_level = -1;
      return 0u;
    default:
      if (level < 1 || level > 8) return err(Errno::inval);
      log::set_console_level(level);
      position->saved_level = -1;
      return 0u;
  }
}

}  // namespace

Result<std::size_t> syslog(Task& self, int type, UserAddr buffer, int length) {
  const bool open_to_all = type == read_all || type == size_buffer;
  if (!open_to_all && !self.creds().has(CAP_SYSLOG)) return err(Errno::perm);
  if (type == read || type == read_all || type == read_clear) {
    if (buffer.value == 0 || length < 0) return err(Errno::inval);
    if (length == 0) return 0u;
    const auto room = static_cast<std::size_t>(length);
    return type == read ? read_next(buffer, room) : read_everything(buffer, room, type == read_clear);
  }
  switch (type) {
    case close:
    case open:
      return 0u;
    case clear: {
      Locked position{g_position};
      position->clear_sequence = log::next_sequence();
      return 0u;
    }
    case console_off:
    case console_on:
    case console_level:
      return set_level(type, length);
    case size_unread:
      return unread_bytes();
    case size_buffer:
      return log::ring_bytes();
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
