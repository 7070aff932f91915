// /proc/PID/ns: links to the namespaces that a process is in, which are everybody's. Source: namespaces(7).
#include <array>

#include "fs/nsfs/nsfs.h"
#include "fs/procfs/process.h"

namespace k::fs::proc {
namespace {

template <NamespaceKind Kind>
Result<void> show_namespace(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  std::array<char, 64> text;
  out.put(std::string_view{text.data(), describe_namespace(Kind, text)});
  return {};
}

template <NamespaceKind Kind>
Result<PathRef> jump_namespace(const Subject& subject) {
  TRY(subject.check_access());
  return namespace_place(Kind);
}

template <NamespaceKind Kind>
constexpr Entry namespace_link(std::string_view name) {
  return magic_link(name, show_namespace<Kind>, jump_namespace<Kind>);
}

constexpr Entry kNamespaces[] = {
    namespace_link<NamespaceKind::control_group>("cgroup"),
    namespace_link<NamespaceKind::ipc>("ipc"),
    namespace_link<NamespaceKind::mount>("mnt"),
    namespace_link<NamespaceKind::network>("net"),
    namespace_link<NamespaceKind::pid>("pid"),
    namespace_link<NamespaceKind::pid>("pid_for_children"),
    namespace_link<NamespaceKind::time>("time"),
    namespace_link<NamespaceKind::time>("time_for_children"),
    namespace_link<NamespaceKind::user>("user"),
    namespace_link<NamespaceKind::uts>("uts"),
};

}  // namespace

constexpr DirectoryTable kNamespaceDirectory{kNamespaces};

}  // namespace k::fs::proc
