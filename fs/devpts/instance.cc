#include "fs/devpts/instance.h"

#include <linux/magic.h>

#include <charconv>

#include "fs/devpts/devpts.h"
#include "fs/devpts/inodes.h"

namespace k::fs {

using sync::Locked;

namespace {

constinit std::atomic<unsigned> pty_count{0};

template <class T, class... Args>
Result<Ref<Inode>> make_inode(Args&&... args) {
  auto made = TRY(make_ref<T>(std::forward<Args>(args)...));
  return Ref<Inode>{std::move(made)};
}

}  // namespace

unsigned count_ptys() { return pty_count.load(std::memory_order_relaxed); }

Devpts::Devpts(const FilesystemType& type) : Superblock(type, DEVPTS_SUPER_MAGIC, Entries::in_file_system) {}

Devpts::~Devpts() {
  drop_entries();
  ptmx_.reset();
}

Result<Ref<Superblock>> Devpts::mount(const FilesystemType& type, const MountRequest& request) {
  const DevptsOptions options = TRY(DevptsOptions::parse(request.options));
  auto* instance = new (std::nothrow) Devpts(type);
  if (instance == nullptr) return err(Errno::nomem);
  auto held = Ref<Superblock>::adopt(*instance);
  TRY(instance->init(options));
  instance->set_read_only(request.read_only);
  return held;
}

Result<void> Devpts::init(const DevptsOptions& options) {
  state_.unguarded().options = options;
  ptmx_ = TRY(make_inode<DevptsPtmx>(*this, options.ptmx_mode));
  return set_root(TRY(make_inode<DevptsDirectory>(*this, std::uint32_t{0755})));
}

Result<void> Devpts::remount(std::string_view text) {
  const DevptsOptions options = TRY(DevptsOptions::parse(text));
  ptmx_->set_mode(S_IFCHR | options.ptmx_mode);
  Locked state{state_};
  state->options = options;
  return {};
}

DevptsOptions Devpts::options() const {
  Locked state{state_};
  return state->options;
}

Result<Ref<DevptsEntry>> Devpts::reserve() {
  if (pty_count.fetch_add(1, std::memory_order_relaxed) >= kMaxPtys) {
    pty_count.fetch_sub(1, std::memory_order_relaxed);
    return err(Errno::nospc);
  }
  auto entry = make_ref<DevptsEntry>(Ref<Devpts>::share(*this));
  if (!entry) {
    pty_count.fetch_sub(1, std::memory_order_relaxed);
    return err(entry.error());
  }
  Node& node = **entry;
  Locked state{state_};
  auto before = state->entries.begin();
  for (; before != state->entries.end() && before->index == node.index; ++before) ++node.index;
  state->entries.insert(before, node);
  if (node.index >= state->options.max) return err(Errno::nospc);
  return entry;
}

RefOrNull<Inode> Devpts::find(std::uint64_t index) const {
  Locked state{state_};
  for (const Node& node : state->entries) {
    if (node.index == index) return node.inode;
  }
  return nullptr;
}

RefOrNull<Inode> Devpts::find(std::string_view name) const {
  if (name == "ptmx") return ptmx_;
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool is_number =
      error == std::errc{} && end == name.data() + name.size() && (name[0] != '0' || name.size() == 1);
  return is_number ? find(index) : nullptr;
}

std::optional<std::uint64_t> Devpts::next(std::uint64_t from) const {
  Locked state{state_};
  for (const Node& node : state->entries) {
    if (node.index >= from && node.inode) return node.index;
  }
  return std::nullopt;
}

DevptsEntry::~DevptsEntry() {
  {
    Locked state{instance_->state_};
    state->entries.erase(state->entries.iterator_to(*this));
  }
  pty_count.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace k::fs
