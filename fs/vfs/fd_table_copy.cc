// Making, growing and copying descriptor tables.
#include "fs/vfs/fd_table.h"

namespace k::fs {

FdTable::Slots* FdTable::Slots::create(unsigned capacity) {
  const std::size_t bitmap = capacity / 64 * sizeof(std::uint64_t);
  const std::size_t bytes = sizeof(Slots) + 2 * bitmap + capacity * sizeof(std::atomic<File*>);
  auto* memory = static_cast<std::byte*>(lib::allocate(bytes, alignof(Slots)));
  if (memory == nullptr) return nullptr;
  std::memset(memory, 0, bytes);
  auto* slots = new (memory) Slots;
  slots->capacity = capacity;
  slots->taken = reinterpret_cast<std::uint64_t*>(memory + sizeof(Slots));
  slots->cloexec = slots->taken + capacity / 64;
  slots->files = reinterpret_cast<std::atomic<File*>*>(slots->cloexec + capacity / 64);
  return slots;
}

void FdTable::Slots::free_later() {
  sync::rcu::call(*this, [](sync::rcu::Head* head) { destroy(static_cast<Slots*>(head)); });
}

Result<Ref<FdTable>> FdTable::create() {
  Slots* slots = Slots::create(Slots::kFirstCapacity);
  if (slots == nullptr) return err(Errno::nomem);
  auto* table = new (std::nothrow) FdTable(slots);
  if (table == nullptr) {
    Slots::destroy(slots);
    return err(Errno::nomem);
  }
  return Ref<FdTable>::adopt(*table);
}

std::atomic<unsigned>& most_descriptors() {
  static constinit std::atomic<unsigned> most{1u << 20};
  return most;
}

FdTable::~FdTable() {
  close_all();
  Slots::destroy(&slots());
}

/// Makes room for number `fd`, at least doubling; under Change.
Result<void> FdTable::grow(unsigned fd) {
  const unsigned most = most_descriptors();
  if (fd >= most) return err(Errno::mfile);
  Slots& old = slots();
  const unsigned wanted = std::max(old.capacity * 2, std::bit_ceil(fd + 1));
  Slots* wider = Slots::create(std::min(wanted, (most + 63) / 64 * 64));
  if (wider == nullptr) return err(Errno::nomem);
  std::copy_n(old.taken, old.capacity / 64, wider->taken);
  std::copy_n(old.cloexec, old.capacity / 64, wider->cloexec);
  for (unsigned i = 0; i < old.capacity; ++i)
    wider->files[i].store(old.files[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  slots_.store(wider, std::memory_order_release);
  old.free_later();
  return {};
}

Result<Ref<FdTable>> FdTable::copy() const { return copy_without(~0u, ~0u); }

/// Numbers that are only reserved stay behind: their call belongs to another thread of the original.
Result<Ref<FdTable>> FdTable::copy_without(unsigned first, unsigned last) const {
  auto twin = TRY(create());
  for (int fd = next_open(0); fd >= 0; fd = next_open(fd + 1)) {
    const auto number = static_cast<unsigned>(fd);
    if (number >= first && number <= last) continue;
    RefOrNull<File> file = file_at(fd);
    if (!file) continue;
    if (number >= twin->slots().capacity) TRY(twin->grow(number));
    Slots& slots = twin->slots();
    slots.take(number);
    slots.set_cloexec(number, this->slots().is_cloexec(number) ? FdFlag::cloexec : FdFlag::none);
    slots.files[number].store(file.leak(), std::memory_order_relaxed);
  }
  return twin;
}

}  // namespace k::fs
