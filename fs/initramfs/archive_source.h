/// ArchiveSource: the bytes of an initramfs image, plain or inflated, in pieces.
///
/// Invariants  a plain image is handed out where it lies; an inflated one through a buffer. `offset` counts what was handed out.
/// Context     task context.
/// Errors      IO (damaged gzip data), NOMEM.
#pragma once

#include <cstddef>
#include <span>

#include "kernel/lib/inflate.h"
#include "kernel/lib/ref.h"

namespace k::fs {

class ArchiveSource {
 public:
  static Result<ArchiveSource> plain(std::span<const std::byte> image);
  static Result<ArchiveSource> gzip(std::span<const std::byte> image);

  /// Up to `most` bytes, valid until the next call; empty at the end.
  Result<std::span<const std::byte>> next(std::size_t most);
  /// Exactly out.size() bytes; IO when the image ends before.
  Result<void> read(std::span<std::byte> out);
  Result<void> skip(std::size_t n);
  /// Passes over zero bytes; true when nothing else is left.
  Result<bool> skip_zeros();
  /// The compressed data were found bad.
  bool is_damaged() const { return damaged_; }
  std::size_t offset() const { return offset_; }
  /// Bytes of the image that have been used up.
  std::size_t consumed() const { return inflater_ ? inflater_->consumed() : offset_; }

 private:
  static constexpr std::size_t kBufferBytes = 65536;
  ArchiveSource() = default;
  Result<void> refill();

  std::span<const std::byte> ready_;  // handed out next
  Box<lib::Gunzip> inflater_;
  Box<std::byte[]> buffer_;
  std::size_t offset_ = 0;
  bool damaged_ = false;
};

}  // namespace k::fs
