#include "kernel/task/system_identity.h"

#include <array>

#include "kernel/sync/guarded.h"

namespace k::task {
namespace {

struct Name {
  std::array<char, kNameMax> text{'(', 'n', 'o', 'n', 'e', ')'};
  std::size_t length = 6;
};
constinit Guarded<Name, sync::Rank::task> g_host, g_domain;

Guarded<Name, sync::Rank::task>& name_of(SystemName which) { return which == SystemName::host ? g_host : g_domain; }

}  // namespace

std::size_t get_name(SystemName which, std::span<char> out) {
  Locked name{name_of(which)};
  return std::string_view{name->text.data(), name->length}.copy(out.data(), out.size());
}

void set_name(SystemName which, std::string_view text) {
  Locked name{name_of(which)};
  name->length = text.copy(name->text.data(), name->text.size());
}

}  // namespace k::task
