#include "drivers/char/memory_devices.h"

#include <algorithm>
#include <array>

#include <linux/random.h>

#include "drivers/char/device_file.h"
#include "kernel/irq/entropy.h"
#include "mm/vm/shared_memory.h"

namespace k::drivers {
namespace {

class NullFile final : public DeviceFile<NullFile> {
 public:
  using DeviceFile::DeviceFile;
  bool can_poll() const override { return false; }
  Result<std::size_t> read(IoBuffer&, fs::IoAt&) override { return 0; }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt&) override { return swallow(from); }
};

class ZeroFile final : public DeviceFile<ZeroFile> {
 public:
  using DeviceFile::DeviceFile;
  bool can_poll() const override { return false; }
  Result<std::size_t> read(IoBuffer& to, fs::IoAt&) override { return to.zero_in(to.remaining()); }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt&) override { return swallow(from); }
  /// Each mapping is fresh memory: shared by those who inherit it, or private.
  Result<Ref<mm::PageSource>> page_source() override {
    return mm::SharedMemory::create(arch::kUserEnd, mm::SharedMemory::Charge::no);
  }
};

class FullFile final : public DeviceFile<FullFile> {
 public:
  using DeviceFile::DeviceFile;
  bool can_poll() const override { return false; }
  Result<std::size_t> read(IoBuffer& to, fs::IoAt&) override { return to.zero_in(to.remaining()); }
  Result<std::size_t> write(IoBuffer&, fs::IoAt&) override { return err(Errno::nospc); }
};

/// random and urandom are one generator, seeded from the start.
class RandomFile final : public DeviceFile<RandomFile> {
 public:
  using DeviceFile::DeviceFile;
  Result<std::size_t> read(IoBuffer& to, fs::IoAt&) override {
    std::array<std::byte, 256> block;
    std::size_t done = 0;
    while (!to.empty()) {
      const std::size_t n = std::min(block.size(), to.remaining());
      irq::fill_random(std::span{block}.first(n));
      const auto moved = to.copy_in(block.data(), n);
      if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
      done += *moved;
      if (*moved < n) break;
    }
    return done;
  }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt&) override {
    std::array<std::byte, 256> block;
    std::size_t done = 0;
    while (!from.empty()) {
      const auto moved = from.copy_out(block.data(), std::min(block.size(), from.remaining()));
      if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
      irq::add_entropy(std::span{block}.first(*moved));
      done += *moved;
    }
    return done;
  }
  Result<long> ioctl(unsigned command, IoctlArg argument) override {
    if (command != RNDGETENTCNT) return err(Errno::inval);
    constexpr int kFullPool = 256;
    TRY(argument.write(kFullPool));
    return 0;
  }
};

}  // namespace

Result<void> register_memory_devices() {
  constexpr unsigned kMemoryMajor = 1;
  TRY(fs::register_char_device(kMemoryMajor, 3, "null", 0666, &NullFile::open));
  TRY(fs::register_char_device(kMemoryMajor, 5, "zero", 0666, &ZeroFile::open));
  TRY(fs::register_char_device(kMemoryMajor, 7, "full", 0666, &FullFile::open));
  TRY(fs::register_char_device(kMemoryMajor, 8, "random", 0666, &RandomFile::open));
  return fs::register_char_device(kMemoryMajor, 9, "urandom", 0666, &RandomFile::open);
}

}  // namespace k::drivers
