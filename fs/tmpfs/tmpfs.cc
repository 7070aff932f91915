#include "fs/tmpfs/tmpfs.h"

#include <linux/magic.h>

#include "fs/tmpfs/tmpfs_inode.h"
#include "fs/vfs/dentry_cache.h"
#include "kernel/lib/format.h"
#include "mm/phys/page_alloc.h"

namespace k::fs {
namespace {

template <class T>
Result<Ref<Inode>> make(TmpfsSuperblock& sb, const NewNode& node) {
  auto* inode = new (std::nothrow) T(sb, node);
  if (inode == nullptr) return err(Errno::nomem);
  return Ref<Inode>::adopt(*inode);
}

Result<Ref<Inode>> make_of_type(TmpfsSuperblock& sb, const NewNode& node) {
  switch (static_cast<FileType>(node.mode & S_IFMT)) {
    case FileType::directory:
      return make<TmpfsDirectory>(sb, node);
    case FileType::regular:
      return make<TmpfsRegular>(sb, node);
    case FileType::symlink:
      return TmpfsSymlink::create(sb, node);
    default:
      return make<TmpfsSpecial>(sb, node);
  }
}

/// The limit as an option says it.
std::uint64_t or_zero(std::uint64_t limit) { return limit == TmpfsOptions::kUnlimited ? 0 : limit; }

}  // namespace

TmpfsOptions TmpfsSuperblock::usual_options(const FilesystemType& type) {
  TmpfsOptions options;
  if (type.name() == "ramfs") {
    options.mode = 0755;
  } else {  // half of memory, as Linux
    options.max_pages = options.max_inodes = mm::memory_counters().total_frames / 2;
  }
  return options;
}

TmpfsSuperblock::TmpfsSuperblock(const FilesystemType& type, const TmpfsOptions& options)
    : Superblock(type, type.name() == "ramfs" ? RAMFS_MAGIC : TMPFS_MAGIC, Entries::in_dentry_cache),
      options_(options) {}

Result<void> TmpfsSuperblock::init(TmpfsSuperblock& sb) {
  return sb.set_root(TRY(sb.make_inode(NewNode{.mode = S_IFDIR | sb.options_.mode, .owner = sb.options_.owner})));
}

Result<Ref<Superblock>> TmpfsSuperblock::mount(const FilesystemType& type, const MountRequest& request) {
  const TmpfsOptions options = TRY(TmpfsOptions::parse(request.options, usual_options(type)));
  auto* sb = new (std::nothrow) TmpfsSuperblock(type, options);
  if (sb == nullptr) return err(Errno::nomem);
  auto held = Ref<Superblock>::adopt(*sb);
  TRY(init(*sb));
  sb->set_read_only(request.read_only);
  return held;
}

/// Takes the tree apart, leaves first, without recursion.
TmpfsSuperblock::~TmpfsSuperblock() {
  if (!has_root()) return;
  for (Dentry* at = &root();;) {
    const bool directory = at->inode()->is(FileType::directory);
    if (Dentry* child = directory ? static_cast<TmpfsDirectory*>(at->inode())->any_entry() : nullptr) {
      at = child;
      continue;
    }
    if (at->is_root()) break;
    Dentry* const parent = at->parent();
    static_cast<TmpfsDirectory*>(parent->inode())->forget(*at);
    DentryCache::remove(*at);
    at = parent;
  }
  drop_entries();
}

Result<void> TmpfsSuperblock::reserve_pages(std::uint64_t n) {
  if (used_pages_.fetch_add(n, std::memory_order_relaxed) + n <= options_.max_pages) return {};
  release_pages(n);
  return err(Errno::nospc);
}

Result<void> TmpfsSuperblock::reserve_inode() {
  if (used_inodes_.fetch_add(1, std::memory_order_relaxed) < options_.max_inodes) return {};
  release_inode();
  return err(Errno::nospc);
}

Result<Ref<Inode>> TmpfsSuperblock::make_inode(const NewNode& node) {
  TRY(reserve_inode());
  auto inode = make_of_type(*this, node);
  if (!inode) release_inode();
  return inode;
}

Result<Statistics> TmpfsSuperblock::statistics() {
  Statistics s = TRY(Superblock::statistics());
  if (options_.max_pages != TmpfsOptions::kUnlimited) {
    s.blocks = options_.max_pages;
    s.blocks_free = s.blocks_available = s.blocks - used_pages_.load(std::memory_order_relaxed);
  }
  if (options_.max_inodes != TmpfsOptions::kUnlimited) {
    s.files = options_.max_inodes;
    s.files_free = s.files - used_inodes_.load(std::memory_order_relaxed);
  }
  return s;
}

/// Limits may not fall below what is in use. Source: tmpfs(5).
Result<void> TmpfsSuperblock::remount(std::string_view text) {
  const TmpfsOptions options = TRY(TmpfsOptions::parse(text, options_));
  if (options.max_pages < used_pages_.load(std::memory_order_relaxed) ||
      options.max_inodes < used_inodes_.load(std::memory_order_relaxed))
    return err(Errno::inval);
  options_.max_pages = options.max_pages;
  options_.max_inodes = options.max_inodes;
  return {};
}

/// What differs from the usual, in words that mount(2) takes: a remount by mount(8) hands them back. Source: tmpfs(5).
void TmpfsSuperblock::show_options(OptionSink& sink) const {
  const TmpfsOptions usual = usual_options(type());
  if (options_.max_pages != usual.max_pages) sink.add("size", or_zero(options_.max_pages) * (kPageSize / 1024), "k");
  if (options_.max_inodes != usual.max_inodes) sink.add("nr_inodes", or_zero(options_.max_inodes));
  if (options_.mode != usual.mode) {
    char text[16];
    sink.add({text, lib::format_to(text, "mode={:03o}", options_.mode)});
  }
  if (options_.owner.uid != 0) sink.add("uid", options_.owner.uid);
  if (options_.owner.gid != 0) sink.add("gid", options_.owner.gid);
  if (type().name() != "ramfs") sink.add("inode64");
}

Result<Ref<Inode>> TmpfsSymlink::create(TmpfsSuperblock& sb, const NewNode& node) {
  const std::string_view target = node.symlink_target;
  char* text = nullptr;
  if (target.size() > kInlineLength) {
    text = static_cast<char*>(lib::allocate(target.size(), 1));
    if (text == nullptr) return err(Errno::nomem);
  }
  auto* link = new (std::nothrow) TmpfsSymlink(sb, node);
  if (link == nullptr) {
    lib::deallocate(text);
    return err(Errno::nomem);
  }
  if (text != nullptr) link->target_ = text;
  target.copy(link->target_, target.size());
  link->set_size(target.size());
  return Ref<Inode>::adopt(*link);
}

TmpfsSymlink::~TmpfsSymlink() {
  if (target_ != inline_) lib::deallocate(target_);
}

void register_tmpfs() {
  static constinit FilesystemType tmpfs{"tmpfs", &TmpfsSuperblock::mount};
  static constinit FilesystemType ramfs{"ramfs", &TmpfsSuperblock::mount};
  FilesystemType::add(tmpfs);
  FilesystemType::add(ramfs);
}

}  // namespace k::fs
