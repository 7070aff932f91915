#include "fs/vfs/char_device.h"

#include "kernel/sync/spin/guarded.h"

namespace k::fs {
namespace {

struct Registered {
  CharDevice device;
  Registered* next;
};

struct Registry {
  Registered* first = nullptr;
  CharDeviceVisitor watcher = nullptr;
};
constinit sync::SpinGuarded<Registry, sync::Rank::device_list> registry;

constexpr unsigned kTypes = 16;  // S_IFMT >> 12
constinit std::atomic<SpecialOpener> special_openers[kTypes];

unsigned slot_of(FileType type) { return static_cast<unsigned>(type) >> 12; }

/// Entries are only ever added in front, so the list is read without the lock from a first entry on.
const Registered* first_device() {
  return sync::Locked { registry } -> first;
}

}  // namespace

Result<void> register_char_device(const CharDevice& device) {
  auto entry = TRY(make<Registered>(device, nullptr));
  CharDeviceVisitor watcher;
  {
    sync::Locked list{registry};
    entry->next = list->first;
    list->first = entry.release();
    watcher = list->watcher;
  }
  return watcher != nullptr ? watcher(device) : Result<void>{};
}

Result<Ref<File>> open_char_device(const OpenRequest& request) {
  const DeviceNumber number = request.path.inode().special_device();
  const Registered* whole_major = nullptr;
  for (const Registered* r = first_device(); r != nullptr; r = r->next) {
    if (r->device.number == number) return r->device.opener(request);
    if (r->device.number == DeviceNumber{number.major, kAnyMinor}) whole_major = r;
  }
  return whole_major != nullptr ? whole_major->device.opener(request) : err(Errno::nxio);
}

Result<void> watch_char_devices(CharDeviceVisitor visitor) {
  const Registered* known;
  {
    sync::Locked list{registry};
    list->watcher = visitor;
    known = list->first;
  }
  for (const Registered* r = known; r != nullptr; r = r->next) TRY(visitor(r->device));
  return {};
}

void set_special_opener(FileType type, SpecialOpener opener) {
  special_openers[slot_of(type)].store(opener, std::memory_order_release);
}

Result<Ref<File>> open_special(const OpenRequest& request) {
  const SpecialOpener opener = special_openers[slot_of(request.path.inode().type())].load(std::memory_order_acquire);
  return opener != nullptr ? opener(request) : Result<Ref<File>>{err(Errno::nxio)};
}

}  // namespace k::fs
