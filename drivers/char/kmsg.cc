#include "drivers/char/kmsg.h"

#include <algorithm>
#include <array>

#include "drivers/char/device_file.h"
#include "kernel/log/log.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"

namespace k::drivers {
namespace {

constexpr unsigned kUserFacility = 1 << 3;
constexpr unsigned kDefaultPriority = kUserFacility | 4;  // LOG_USER | LOG_WARNING

/// "<12>text": the priority, and the text without it.
unsigned take_priority(std::string_view& text) {
  if (!text.starts_with('<')) return kDefaultPriority;
  unsigned value = 0;
  std::size_t i = 1;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i < 6; ++i)
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  if (i == 1 || i == text.size() || text[i] != '>') return kDefaultPriority;
  text.remove_prefix(i + 1);
  return (value >> 3) != 0 ? value : value | kUserFacility;
}

class KmsgFile final : public DeviceFile<KmsgFile> {
 public:
  KmsgFile(const fs::PathRef& path, lib::Flags flags) : DeviceFile(path, flags), next_(log::first_sequence()) {}

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override;
  Result<std::uint64_t> seek(std::int64_t offset, fs::Whence whence) override;
  sync::PollEvents poll(sync::PollTable* table) override;

 private:
  bool has_record() const { return next_.load(std::memory_order_relaxed) < log::next_sequence(); }
  std::atomic<std::uint64_t> next_;
};

Result<std::size_t> KmsgFile::read(IoBuffer& to, fs::IoAt& at) {
  if (!has_record()) {
    if (!at.blocking) return err(Errno::again);
    TRY(log::readers().wait_until([&] { return has_record(); }));
  }
  auto record = TRY(make<log::Record>());
  auto text = TRY((make<std::array<char, 2 * log::kMaxMessage + 64>>()));
  const std::uint64_t wanted = next_.load(std::memory_order_relaxed);
  if (wanted < log::first_sequence()) {
    next_.store(log::first_sequence(), std::memory_order_relaxed);
    return err(Errno::pipe);
  }
  if (!log::read(wanted, *record)) return err(Errno::again);
  const std::size_t length = log::format_kmsg(*record, *text);
  if (to.remaining() < length) return err(Errno::inval);
  const std::size_t moved = TRY(to.copy_in(text->data(), length));
  if (moved < length) return err(Errno::fault);
  next_.store(record->sequence + 1, std::memory_order_relaxed);
  return moved;
}

Result<std::size_t> KmsgFile::write(IoBuffer& from, fs::IoAt&) {
  const std::size_t all = from.remaining();
  auto text = TRY((make<std::array<char, log::kMaxMessage + 16>>()));
  if (all > text->size()) return err(Errno::inval);
  const std::size_t got = TRY(from.copy_out(text->data(), all));
  std::string_view message{text->data(), got};
  while (message.ends_with('\n')) message.remove_suffix(1);
  const unsigned priority = take_priority(message);
  log::write_user(priority, message);
  return all;
}

Result<std::uint64_t> KmsgFile::seek(std::int64_t offset, fs::Whence whence) {
  if (offset != 0) return err(Errno::spipe);
  switch (whence) {
    case fs::Whence::set:
    case fs::Whence::data:
      next_.store(log::first_sequence(), std::memory_order_relaxed);
      return 0;
    case fs::Whence::end:
      next_.store(log::next_sequence(), std::memory_order_relaxed);
      return 0;
    default:
      return err(Errno::inval);
  }
}

sync::PollEvents KmsgFile::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(log::readers());
  return has_record() ? sync::kReadable | sync::kWritable : sync::kWritable;
}

}  // namespace

Result<void> register_kmsg() { return fs::register_char_device(1, 11, "kmsg", 0644, &KmsgFile::open); }

}  // namespace k::drivers
