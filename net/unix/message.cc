#include "net/unix/message.h"

#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"

namespace k::net {

Message::~Message() {
  if (sender && charge != 0) sender->discharge(charge);
  if (!rights) return;
  end_flight(*rights);
  drop_rights(std::move(rights));
}

}  // namespace k::net
