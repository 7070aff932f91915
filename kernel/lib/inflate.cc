#include "kernel/lib/inflate.h"

#define Z_SOLO
#define Z_PREFIX
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace k::lib {

namespace {

constexpr int kGzipOnly = 16;  // added to the window bits, zlib.h
constexpr auto kChunk = std::size_t{std::numeric_limits<uInt>::max()};

void* zlib_alloc(void*, uInt items, uInt size) {
  return allocate(std::size_t{items} * size, alignof(std::max_align_t));
}
void zlib_free(void*, void* block) { deallocate(block); }

}  // namespace

struct Gunzip::Stream {
  z_stream z{};
  std::span<const std::byte> rest;  // what z has not been given yet
  std::size_t consumed = 0;
  bool ended = false;
};

bool is_gzip(std::span<const std::byte> in) {
  return in.size() >= 2 && in[0] == std::byte{0x1f} && in[1] == std::byte{0x8b};
}

Gunzip::Gunzip(Box<Stream> stream) : stream_{std::move(stream)} {}

Gunzip::~Gunzip() { inflateEnd(&stream_->z); }

Result<Box<Gunzip>> Gunzip::create(std::span<const std::byte> in) {
  auto stream = TRY(make<Stream>());
  stream->rest = in;
  stream->z.zalloc = zlib_alloc;
  stream->z.zfree = zlib_free;
  if (inflateInit2(&stream->z, MAX_WBITS + kGzipOnly) != Z_OK) return err(Errno::nomem);
  z_stream* z = &stream->z;
  auto* object = new (std::nothrow) Gunzip{std::move(stream)};
  if (object == nullptr) {
    inflateEnd(z);
    return err(Errno::nomem);
  }
  return Box<Gunzip>{object};
}

std::size_t Gunzip::consumed() const { return stream_->consumed; }

Result<std::size_t> Gunzip::read(std::span<std::byte> out) {
  Stream& s = *stream_;
  std::size_t done = 0;
  while (done < out.size() && !s.ended) {
    const auto give = std::min(s.rest.size(), kChunk);
    const auto room = std::min(out.size() - done, kChunk);
    s.z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(s.rest.data()));  // zlib only reads it
    s.z.avail_in = static_cast<uInt>(give);
    s.z.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    s.z.avail_out = static_cast<uInt>(room);

    const int status = inflate(&s.z, Z_SYNC_FLUSH);
    if (status == Z_MEM_ERROR) return err(Errno::nomem);
    if (status != Z_OK && status != Z_STREAM_END) return err(Errno::io);

    const std::size_t taken = give - s.z.avail_in;
    s.rest = s.rest.subspan(taken);
    s.consumed += taken;
    done += room - s.z.avail_out;
    s.ended = status == Z_STREAM_END;
  }
  return done;
}

Result<std::size_t> gunzip(std::span<const std::byte> in, std::span<std::byte> out) {
  auto member = TRY(Gunzip::create(in));
  const std::size_t size = TRY(member->read(out));
  // A member that ends exactly at the end of `out` still has its trailer to check.
  std::byte beyond[1];
  if (size == out.size() && TRY(member->read(beyond)) != 0) return err(Errno::io);
  return size;
}

}  // namespace k::lib
