#include "kernel/log/log.h"

#include <atomic>

#include "arch/include/arch/platform.h"
#include "kernel/log/ring.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/sync/wait_queue.h"
#include "kernel/time/clock.h"

namespace k::log {
namespace {

constexpr std::size_t kRingBytes = 128 * 1024;  // Debian's CONFIG_LOG_BUF_SHIFT=17
alignas(16) std::byte ring_buffer[kRingBytes];
constinit sync::SpinGuarded<Ring, sync::Rank::log> ring{std::span<std::byte>{ring_buffer}};

constinit std::atomic<int> level_limit{7};  // below this reaches the console; Linux's default
constinit std::atomic<void (*)(std::string_view)> console{nullptr};
constinit sync::WaitQueue reader_queue;

void print(std::uint64_t time_ns, std::string_view text) {
  char line[kMaxMessage + 40];
  const std::uint64_t us = time_ns / 1000;
  const std::size_t n = lib::format_to(line, "[{:5}.{:06}] {}\n", us / 1'000'000, us % 1'000'000, text);
  const auto write = console.load(std::memory_order_acquire);
  (write != nullptr ? write : arch::console_write_raw)({line, n});
}

void add(Level level, std::uint8_t facility, std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::uint64_t now = time::monotonic_ns();
  {
    sync::Locked r{ring};
    r->append(now, level, facility, text);
    if (facility == 0 && static_cast<int>(level) < level_limit.load(std::memory_order_relaxed)) print(now, text);
  }
  // A wake-up from interrupt context or under a lock could meet locks the caller holds: readers then learn of the
  // record with the next one.
  if (arch::preempt_count() == 0 && arch::interrupts_enabled()) reader_queue.wake_all(sync::kReadable);
}

}  // namespace

void write(Level level, std::string_view text) { add(level, 0, text); }

void write_formatted(Level level, std::string_view format, std::span<const lib::FormatArg> args) {
  char text[kMaxMessage];
  lib::TextBuffer out{text};
  out.put_formatted(format, args);
  add(level, 0, out.view());
}

void write_user(unsigned priority, std::string_view text) {
  // Linux lets user space write only with a facility of its own, so that kernel messages cannot be forged.
  const unsigned facility = priority >> 3;
  add(static_cast<Level>(priority & 7), static_cast<std::uint8_t>(facility == 0 ? 1 : facility), text);
}

void set_console_level(int level) { level_limit.store(level, std::memory_order_relaxed); }
int console_level() { return level_limit.load(std::memory_order_relaxed); }
void set_console(void (*write)(std::string_view)) { console.store(write, std::memory_order_release); }

bool read(std::uint64_t sequence, Record& out) {
  sync::Locked r{ring};
  return r->read(sequence, out);
}
std::uint64_t first_sequence() {
  return sync::Locked { ring } -> first();
}
std::uint64_t next_sequence() {
  return sync::Locked { ring } -> next();
}
std::size_t ring_bytes() { return kRingBytes; }
sync::WaitQueue& readers() { return reader_queue; }

void print_last_lines(std::size_t lines) {
  // The holder of the lock, if any, is stopped: reading around it is the only way left.
  const Ring& r = ring.unguarded();
  const std::uint64_t first = r.next() > lines ? r.next() - lines : 0;
  static Record record;
  for (std::uint64_t at = first; r.read(at, record) && record.sequence < r.next(); at = record.sequence + 1) {
    char line[kMaxMessage + 40];
    arch::console_write_raw({line, format_record(record, line)});
  }
}

std::size_t format_record(const Record& record, std::span<char> out) {
  const std::uint64_t us = record.time_ns / 1000;
  return lib::format_to(out, "<{}>[{:5}.{:06}] {}\n", record.facility * 8u + static_cast<unsigned>(record.level),
                        us / 1'000'000, us % 1'000'000, record.message());
}

std::size_t format_kmsg(const Record& record, std::span<char> out) {
  return lib::format_to(out, "{},{},{},-;{}\n", record.facility * 8u + static_cast<unsigned>(record.level),
                        record.sequence, record.time_ns / 1000, record.message());
}

}  // namespace k::log
