#include "fs/initramfs/initramfs.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "fs/initramfs/entry_maker.h"
#include "kernel/log/log.h"

namespace k::fs {
namespace {

/// What can be said of the start of a segment that is neither cpio nor gzip.
std::string_view guess_format(std::span<const std::byte> image) {
  const auto starts_with = [&](std::string_view magic) {
    return image.size() >= magic.size() && std::memcmp(image.data(), magic.data(), magic.size()) == 0;
  };
  if (starts_with("\xfd"
                  "7zXZ"))
    return "xz";
  if (starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (starts_with("BZh")) return "bzip2";
  if (starts_with("\x02\x21\x4c\x18") || starts_with("\x04\x22\x4d\x18")) return "lz4";
  if (starts_with("\x5d\x00\x00")) return "lzma";
  return {};
}

Result<void> complain(const ArchiveSource& source, std::string_view what, std::size_t offset) {
  log::error("initramfs: {} at byte {}", source.is_damaged() ? "damaged gzip data" : what, offset);
  return err(Errno::io);
}

/// One archive up to and with its trailer; `source` stands at its first header.
Result<void> unpack_archive(EntryMaker& maker, ArchiveSource& source) {
  std::array<std::byte, CpioHeader::kBytes> raw;
  for (;;) {
    const std::size_t at = source.offset();
    if (!source.read(raw)) return complain(source, "the image ends within a header", at);
    const auto header = CpioHeader::parse(raw);
    if (!header) return complain(source, "no cpio header", at);
    if (!EntryMaker::is_sane(*header)) return complain(source, "bad name length", at);
    const auto name = maker.read_name(*header, source);
    if (!name) return complain(source, "bad name", at);
    if (*name == "TRAILER!!!") return maker.forget_links();
    const auto made = maker.make(*header, *name, source);
    if (!made && made.error() != Errno::io) return made;
    if (!made || !source.skip(header->data_padding())) return complain(source, "the image ends within a file", at);
  }
}

/// A compressed segment may hold several archives, with zeros between.
Result<void> unpack_gzip(EntryMaker& maker, ArchiveSource& source) {
  for (;;) {
    const auto at_end = source.skip_zeros();
    if (!at_end) return complain(source, "", source.offset());
    if (*at_end) return {};
    TRY(unpack_archive(maker, source));
  }
}

}  // namespace

Result<void> unpack_initramfs(const LookupContext& context, std::span<const std::byte> image) {
  auto maker = TRY(EntryMaker::create(context));
  for (;;) {
    const auto start = std::ranges::find_if(image, [](std::byte b) { return b != std::byte{0}; });
    image = {start, image.end()};
    if (image.empty()) return {};
    if (const auto format = guess_format(image); !format.empty()) {
      log::error("initramfs: compressed with {}, which is not supported: use gzip or none", format);
      return err(Errno::io);
    }
    const bool zipped = lib::is_gzip(image);
    auto source = TRY(zipped ? ArchiveSource::gzip(image) : ArchiveSource::plain(image));
    TRY(zipped ? unpack_gzip(*maker, source) : unpack_archive(*maker, source));
    image = image.subspan(source.consumed());
  }
}

}  // namespace k::fs
