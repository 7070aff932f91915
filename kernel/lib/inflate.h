/// Reads gzip data: a thin layer over zlib's inflate, which the build takes from Debian's source package.
///
/// Invariants  nothing is believed: a damaged stream ends in EIO, never in a byte past `out` or `in`.
/// Context     task context; allocates about 10 KiB at create, and a 32 KiB window when `read` is called in pieces.
/// Errors      ENOMEM; EIO for damaged or truncated data (the trailer's CRC-32 and size are checked).
/// Source      RFC 1951, RFC 1952.
#pragma once

#include <cstddef>
#include <span>

#include "kernel/lib/alloc.h"
#include "kernel/lib/result.h"

namespace k::lib {

/// True when `in` starts as a gzip member does.
bool is_gzip(std::span<const std::byte> in);

/// One gzip member being read. `in` has to outlive it.
class Gunzip {
 public:
  static Result<Box<Gunzip>> create(std::span<const std::byte> in);
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip();

  /// Fills `out` as far as the member goes; returns how many bytes. Less than asked, or 0: it ends there.
  Result<std::size_t> read(std::span<std::byte> out);
  /// How many bytes of `in` have been read: after the end, where the next member or archive starts.
  std::size_t consumed() const;

 private:
  struct Stream;
  explicit Gunzip(Box<Stream> stream);
  Box<Stream> stream_;
};

/// Inflates one whole member into `out`; returns its size. EIO also when `out` is too small.
Result<std::size_t> gunzip(std::span<const std::byte> in, std::span<std::byte> out);

}  // namespace k::lib
