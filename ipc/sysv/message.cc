#include "ipc/sysv/message_queue.h"

namespace k::ipc::sysv {

Selection Selection::of(std::int64_t type, lib::Flags flags) {
  Selection s{Mode::equal, type, 0, flags.has(MSG_NOERROR)};
  if (flags.has(MSG_COPY)) {
    s.mode = Mode::by_index;
  } else if (type == 0) {
    s.mode = Mode::any;
  } else if (type < 0) {
    s.mode = Mode::at_most;
    s.type = type == INT64_MIN ? INT64_MAX : -type;
  } else if (flags.has(MSG_EXCEPT)) {
    s.mode = Mode::not_equal;
  }
  return s;
}

bool Selection::takes(const Message& m) const {
  switch (mode) {
    case Mode::equal:
      return m.type == type;
    case Mode::not_equal:
      return m.type != type;
    case Mode::at_most:
      return m.type <= type;
    default:
      return true;
  }
}

}  // namespace k::ipc::sysv
