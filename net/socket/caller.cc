#include "net/socket/caller.h"

namespace k::net {
namespace {

constinit CallerSource caller_source = nullptr;

}  // namespace

void set_caller_source(CallerSource source) { caller_source = source; }

Caller current_caller() { return caller_source != nullptr ? caller_source() : Caller{}; }

}  // namespace k::net
