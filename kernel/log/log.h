/// The kernel log: a ring of records, mirrored to the early console up to a level.
///
/// Invariants  records are numbered from 0 without gaps; a new one overwrites the oldest. A message longer than
///             kMaxMessage is cut. Nothing here allocates or sleeps.
/// Lock order  Rank::log, the innermost.
/// Context     any, interrupt handlers and panics included.
/// Source      syslog(2), kernel.org's Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/lib/format.h"

namespace k::sync {
class WaitQueue;
}

namespace k::log {

enum class Level : std::uint8_t { emergency, alert, critical, error, warning, notice, info, debug };
inline constexpr std::size_t kMaxMessage = 480;

void write(Level level, std::string_view text);
void write_formatted(Level level, std::string_view format, std::span<const lib::FormatArg> args);

template <class... Args>
void log(Level level, lib::FormatString<Args...> format, const Args&... args) {
  const lib::FormatArgs<sizeof...(Args)> list{args...};
  write_formatted(level, format.text(), list.span());
}
template <class... Args>
void debug(lib::FormatString<Args...> format, const Args&... args) {
  log<Args...>(Level::debug, format, args...);
}
template <class... Args>
void info(lib::FormatString<Args...> format, const Args&... args) {
  log<Args...>(Level::info, format, args...);
}
template <class... Args>
void warn(lib::FormatString<Args...> format, const Args&... args) {
  log<Args...>(Level::warning, format, args...);
}
template <class... Args>
void error(lib::FormatString<Args...> format, const Args&... args) {
  log<Args...>(Level::error, format, args...);
}

/// Messages above this level reach the console (Linux: level < console_loglevel prints).
void set_console_level(int level);
int console_level();
/// Where console messages go; arch::console_write_raw until the tty driver takes over. Any context.
void set_console(void (*write)(std::string_view text));

/// One record, copied out.
struct Record {
  std::uint64_t sequence = 0;
  std::uint64_t time_ns = 0;
  Level level = Level::info;
  std::uint8_t facility = 0;  // 0 kernel, 1 user (written through /dev/kmsg)
  std::uint16_t length = 0;
  char text[kMaxMessage];
  std::string_view message() const { return {text, length}; }
};
/// Copies the first record at or after `sequence`; false when there is none yet.
bool read(std::uint64_t sequence, Record& out);
std::uint64_t first_sequence();
std::uint64_t next_sequence();
/// A message from user space (/dev/kmsg): `priority` as in syslog(3), facility included.
void write_user(unsigned priority, std::string_view text);
/// Woken (wake_all) when a record arrives, from task context only; readers re-check next_sequence().
sync::WaitQueue& readers();

/// For a panic: the newest records, straight to the early console and without waiting for a lock.
void print_last_lines(std::size_t lines);

/// syslog(2)'s view: bytes with "<prio>[time] " prefixes. Formats one record that way; returns its length.
std::size_t format_record(const Record& record, std::span<char> out);
/// /dev/kmsg's view: "prio,sequence,microseconds,-;message\n".
std::size_t format_kmsg(const Record& record, std::span<char> out);
std::size_t ring_bytes();

}  // namespace k::log

namespace k {

[[noreturn, gnu::cold]] void panic_formatted(std::string_view format, std::span<const lib::FormatArg> args);

/// Stops the machine: prints the reason, registers, a symbolised backtrace, CPU and thread, and the last log lines.
template <class... Args>
[[noreturn, gnu::cold]] void panic(lib::FormatString<Args...> format, const Args&... args) {
  const lib::FormatArgs<sizeof...(Args)> list{args...};
  panic_formatted(format.text(), list.span());
}

}  // namespace k
