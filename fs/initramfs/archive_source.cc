#include "fs/initramfs/archive_source.h"

#include <algorithm>
#include <cstring>

namespace k::fs {

Result<ArchiveSource> ArchiveSource::plain(std::span<const std::byte> image) {
  ArchiveSource source;
  source.ready_ = image;
  return source;
}

Result<ArchiveSource> ArchiveSource::gzip(std::span<const std::byte> image) {
  ArchiveSource source;
  source.inflater_ = TRY(lib::Gunzip::create(image));
  source.buffer_.reset(new (std::nothrow) std::byte[kBufferBytes]);
  if (!source.buffer_) return err(Errno::nomem);
  return source;
}

Result<void> ArchiveSource::refill() {
  if (!inflater_ || !ready_.empty()) return {};
  const auto got = inflater_->read({buffer_.get(), kBufferBytes});
  damaged_ = !got;
  ready_ = {buffer_.get(), TRY(got)};
  return {};
}

Result<std::span<const std::byte>> ArchiveSource::next(std::size_t most) {
  TRY(refill());
  const auto piece = ready_.first(std::min(most, ready_.size()));
  ready_ = ready_.subspan(piece.size());
  offset_ += piece.size();
  return piece;
}

Result<void> ArchiveSource::read(std::span<std::byte> out) {
  while (!out.empty()) {
    const auto piece = TRY(next(out.size()));
    if (piece.empty()) return err(Errno::io);
    std::memcpy(out.data(), piece.data(), piece.size());
    out = out.subspan(piece.size());
  }
  return {};
}

Result<void> ArchiveSource::skip(std::size_t n) {
  while (n > 0) {
    const auto piece = TRY(next(n));
    if (piece.empty()) return err(Errno::io);
    n -= piece.size();
  }
  return {};
}

Result<bool> ArchiveSource::skip_zeros() {
  for (;;) {
    TRY(refill());
    if (ready_.empty()) return true;
    if (ready_.front() != std::byte{0}) return false;
    ready_ = ready_.subspan(1);
    ++offset_;
  }
}

}  // namespace k::fs
