#include "ipc/mqueue/message.h"

namespace k::ipc::mqueue {

Result<Message::Owner> Message::create(unsigned priority, IoBuffer& from) {
  const std::size_t bytes = from.remaining();
  auto message = TRY(allocate_message<Message>(bytes, priority, bytes));
  TRY(message->text.read(from));
  return message;
}

void MessageList::push(Message::Owner message) {
  ++count_;
  bytes_ += message->bytes;
  messages_.insert(*message.release());
}

Message::Owner MessageList::pop() {
  Message* const first = messages_.first();
  if (first == nullptr) return nullptr;
  messages_.erase(*first);
  --count_;
  bytes_ -= first->bytes;
  return Message::Owner{first};
}

}  // namespace k::ipc::mqueue
