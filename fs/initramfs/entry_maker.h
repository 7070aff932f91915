/// EntryMaker: makes one file of an archive after another. Internal to fs/initramfs.
#pragma once

#include <string_view>

#include "fs/initramfs/archive_source.h"
#include "fs/initramfs/cpio.h"
#include "fs/vfs/operations.h"
#include "kernel/lib/list.h"

namespace k::fs {

class EntryMaker {
 public:
  static Result<Box<EntryMaker>> create(const LookupContext& context);
  explicit EntryMaker(const LookupContext& context) : context_(context) {}
  ~EntryMaker() { (void)forget_links(); }

  static bool is_sane(const CpioHeader& header);
  /// The entry's name, valid until the next call; IO when the image ends or the name has no end.
  Result<std::string_view> read_name(const CpioHeader& header, ArchiveSource& source);
  /// Makes the entry, taking its data from `source`. What is wrong with one entry is logged and passed over.
  Result<void> make(const CpioHeader& header, std::string_view name, ArchiveSource& source);
  /// Hard links do not reach from one archive into the next.
  Result<void> forget_links();

 private:
  struct Link {
    std::uint32_t inode, device_major, device_minor;
    lib::ListNode node;
    std::size_t name_length;
    Box<char[]> name;
    std::string_view text() const { return {name.get(), name_length}; }
  };

  Result<void> make_kind(const CpioHeader& header, std::string_view name, ArchiveSource& source, std::size_t& taken);
  Result<void> make_file(const CpioHeader& header, std::string_view name, ArchiveSource& source, std::size_t& taken);
  Result<void> make_link(const CpioHeader& header, std::string_view name, ArchiveSource& source, std::size_t& taken);
  Result<void> replace(std::string_view name);
  Result<bool> link_to_earlier(const CpioHeader& header, std::string_view name);
  Result<void> set_attributes(const CpioHeader& header, std::string_view name);

  const LookupContext& context_;
  Box<char[]> name_;
  lib::List<Link, &Link::node> links_;
};

}  // namespace k::fs
