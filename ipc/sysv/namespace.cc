#include "ipc/sysv/namespace.h"

namespace k::ipc::sysv {
namespace {

// Never destroyed: objects live until they are removed.
union Forever {
  constexpr Forever() : value() {}
  ~Forever() {}
  Namespace value;
};
constinit Forever initial;

}  // namespace

Namespace& initial_namespace() { return initial.value; }

}  // namespace k::ipc::sysv
