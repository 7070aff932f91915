/// MessageText: the bytes of a message, behind its header in one block and then in pieces of a page, so that a long message needs
/// no long block.
///
/// Invariants  the last member of its header: the first bytes follow it. All memory is there from allocate_message() on.
/// Context     task context without spin locks for read() and write(), which may meet user memory; copy() any. Pure.
/// Errors      NOMEM; FAULT, also where only a part could be moved.
/// Source      msgop(2), mq_send(3).
#pragma once

#include <algorithm>
#include <memory>

#include "kernel/lib/alloc.h"
#include "mm/user/io_buffer.h"

namespace k::ipc {

class MessageText {
 public:
  explicit MessageText(std::size_t bytes) : first_{nullptr, bytes} {}
  MessageText(const MessageText&) = delete;
  MessageText& operator=(const MessageText&) = delete;
  ~MessageText();

  /// Fills itself from `from`.
  Result<void> read(IoBuffer& from);
  /// The first `bytes`, which it has.
  Result<void> write(IoBuffer& to, std::size_t bytes) const;
  /// Takes over what `from`, of the same kind of message and not longer, has.
  void copy(const MessageText& from);

  /// Adds pieces for `bytes` beyond the first ones.
  Result<void> add_pieces(std::size_t bytes);

 private:
  struct Piece {
    Piece* next;
    std::size_t bytes;
    std::byte* text() { return reinterpret_cast<std::byte*>(this + 1); }
    const std::byte* text() const { return reinterpret_cast<const std::byte*>(this + 1); }
  };
  Piece first_;
};

/// Owns a message that allocate_message() made.
template <class T>
struct MessageFree {
  void operator()(T* message) const {
    message->~T();
    lib::deallocate(message);
  }
};
template <class T>
using MessageOwner = std::unique_ptr<T, MessageFree<T>>;

/// A `T{header..., bytes in its first block}` with room for `bytes` in its member `text`, its last one.
template <class T, class... Header>
Result<MessageOwner<T>> allocate_message(std::size_t bytes, const Header&... header) {
  const std::size_t here = std::min(bytes, kPageSize - sizeof(T));
  void* const block = lib::allocate(sizeof(T) + here, alignof(T));
  if (block == nullptr) return err(Errno::nomem);
  MessageOwner<T> message{new (block) T(header..., here)};
  TRY(message->text.add_pieces(bytes - here));
  return message;
}

}  // namespace k::ipc
