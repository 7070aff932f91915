#include "fs/initramfs/entry_maker.h"

#include <linux/limits.h>

#include "fs/vfs/open.h"
#include "kernel/log/log.h"

namespace k::fs {

Result<Box<EntryMaker>> EntryMaker::create(const LookupContext& context) {
  auto maker = TRY(lib::make<EntryMaker>(context));
  maker->name_.reset(new (std::nothrow) char[PATH_MAX]);
  if (!maker->name_) return err(Errno::nomem);
  return maker;
}

bool EntryMaker::is_sane(const CpioHeader& header) { return header.name_size > 1 && header.name_size <= PATH_MAX; }

Result<std::string_view> EntryMaker::read_name(const CpioHeader& header, ArchiveSource& source) {
  TRY(source.read(std::as_writable_bytes(std::span{name_.get(), header.name_size})));
  TRY(source.skip(header.name_padding()));
  const std::string_view name{name_.get(), header.name_size - 1};
  if (name_[header.name_size - 1] != '\0' || name.find('\0') != std::string_view::npos) return err(Errno::io);
  return name;
}

Result<void> EntryMaker::forget_links() {
  links_.clear_and_dispose([](Link* link) { delete link; });
  return {};
}

Result<void> EntryMaker::make(const CpioHeader& header, std::string_view name, ArchiveSource& source) {
  std::size_t taken = 0;
  const auto made = make_kind(header, name, source, taken);
  if (!made) {
    if (made.error() == Errno::nomem || made.error() == Errno::nospc || made.error() == Errno::io) return made;
    log::warn("initramfs: {}: cannot be made, error {}", name, made.error());
  }
  return source.skip(header.size - taken);
}

/// What an earlier entry of that name left, unless it is a directory.
Result<void> EntryMaker::replace(std::string_view name) {
  const auto removed = unlink(context_, WalkBase::cwd(), name);
  return removed || removed.error() == Errno::noent ? Result<void>{} : removed;
}

Result<void> EntryMaker::make_kind(const CpioHeader& header, std::string_view name, ArchiveSource& source,
                                   std::size_t& taken) {
  switch (static_cast<FileType>(header.mode & S_IFMT)) {
    case FileType::directory: {
      const auto made = make_directory(context_, WalkBase::cwd(), name, 0755);
      if (!made && made.error() != Errno::exist) return made;
      break;
    }
    case FileType::regular:
      TRY(make_file(header, name, source, taken));
      break;
    case FileType::symlink:
      TRY(make_link(header, name, source, taken));
      break;
    default:
      TRY(replace(name));
      TRY(make_node(context_, WalkBase::cwd(), name, header.mode,
                    DeviceNumber{header.special_major, header.special_minor}));
      break;
  }
  return set_attributes(header, name);
}

/// True when `name` is now another name of a file made before.
Result<bool> EntryMaker::link_to_earlier(const CpioHeader& header, std::string_view name) {
  if (header.links < 2) return false;
  for (const Link& l : links_) {
    if (l.inode != header.inode || l.device_major != header.device_major || l.device_minor != header.device_minor)
      continue;
    TRY(replace(name));
    const PathRef first = TRY(lookup(context_, WalkBase::cwd(), l.text(), {.last_symlink = LastSymlink::keep}));
    TRY(link(context_, first, WalkBase::cwd(), name));
    return true;
  }
  auto first = TRY(lib::make<Link>(header.inode, header.device_major, header.device_minor));
  first->name_length = name.size();
  first->name.reset(new (std::nothrow) char[name.size()]);
  if (!first->name) return err(Errno::nomem);
  name.copy(first->name.get(), name.size());
  links_.push_back(*first.release());
  return false;
}

Result<void> EntryMaker::make_file(const CpioHeader& header, std::string_view name, ArchiveSource& source,
                                   std::size_t& taken) {
  const bool linked = TRY(link_to_earlier(header, name));
  if (linked && header.size == 0) return {};
  if (!linked) TRY(replace(name));
  const OpenHow how{.flags = lib::Flags{O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW}, .mode = 0600};
  auto file = TRY(open(context_, WalkBase::cwd(), name, how));
  while (taken < header.size) {
    const auto piece = TRY(source.next(header.size - taken));
    if (piece.empty()) return err(Errno::io);
    taken += piece.size();
    IoBuffer bytes = IoBuffer::kernel(piece);
    IoAt at;
    while (!bytes.empty()) TRY(file->write_next(bytes, at));
  }
  return {};
}

Result<void> EntryMaker::make_link(const CpioHeader& header, std::string_view name, ArchiveSource& source,
                                   std::size_t& taken) {
  if (header.size == 0 || header.size >= PATH_MAX) return err(Errno::inval);
  Box<char[]> target{new (std::nothrow) char[header.size]};
  if (!target) return err(Errno::nomem);
  TRY(source.read(std::as_writable_bytes(std::span{target.get(), header.size})));
  taken = header.size;
  TRY(replace(name));
  return make_symlink(context_, std::string_view{target.get(), header.size}, WalkBase::cwd(), name);
}

Result<void> EntryMaker::set_attributes(const CpioHeader& header, std::string_view name) {
  const PathRef made = TRY(lookup(context_, WalkBase::cwd(), name, WalkPolicy{.last_symlink = LastSymlink::keep}));
  const Timestamp time = Timestamp::of(header.modified, 0);
  AttributeChange change{.uid = header.uid, .gid = header.gid, .accessed = time, .modified = time};
  if (!made.inode().is(FileType::symlink)) change.permissions = header.mode & S_IALLUGO;
  return made.inode().change_attributes(change);
}

}  // namespace k::fs
