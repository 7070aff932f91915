#include "ipc/message_text.h"

#include <cstring>
#include <new>

namespace k::ipc {

MessageText::~MessageText() {
  Piece* next;
  for (Piece* piece = first_.next; piece != nullptr; piece = next) {
    next = piece->next;
    lib::deallocate(piece);
  }
}

Result<void> MessageText::add_pieces(std::size_t bytes) {
  for (Piece** end = &first_.next; bytes > 0; end = &(*end)->next) {
    const std::size_t here = std::min(bytes, kPageSize - sizeof(Piece));
    void* const block = lib::allocate(sizeof(Piece) + here, alignof(Piece));
    if (block == nullptr) return err(Errno::nomem);
    *end = new (block) Piece{nullptr, here};
    bytes -= here;
  }
  return {};
}

Result<void> MessageText::read(IoBuffer& from) {
  for (Piece* piece = &first_; piece != nullptr; piece = piece->next) {
    if (piece->bytes > 0 && TRY(from.copy_out(piece->text(), piece->bytes)) != piece->bytes) return err(Errno::fault);
  }
  return {};
}

Result<void> MessageText::write(IoBuffer& to, std::size_t bytes) const {
  for (const Piece* piece = &first_; bytes > 0; piece = piece->next) {
    const std::size_t here = std::min(bytes, piece->bytes);
    if (TRY(to.copy_in(piece->text(), here)) != here) return err(Errno::fault);
    bytes -= here;
  }
  return {};
}

void MessageText::copy(const MessageText& from) {
  const Piece* source = &from.first_;
  for (Piece* piece = &first_; source != nullptr && piece != nullptr; piece = piece->next, source = source->next) {
    std::memcpy(piece->text(), source->text(), source->bytes);
  }
}

}  // namespace k::ipc
