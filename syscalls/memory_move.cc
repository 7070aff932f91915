// move_pages, migrate_pages: between nodes, of which there is one. What is there is where it was asked to be.
#include <linux/capability.h>

#include "kernel/task/ptrace_access.h"
#include "syscalls/calls_memory.h"
#include "syscalls/node_mask.h"

namespace k::sys {
namespace {

/// INVAL: the thread has no memory of its own.
Result<Ref<mm::AddressSpace>> memory_of(Task& self, std::int32_t pid) {
  if (pid == 0) return Ref<mm::AddressSpace>::share(self.address_space());
  auto view = TRY(task::view_thread(self, pid, task::CallerIds::real));
  if (!view.space) return err(Errno::inval);
  return Ref<mm::AddressSpace>::share(*view.space);
}

struct PageLists {
  UserIn<std::uint64_t> pages;
  UserIn<std::int32_t> nodes;
  UserOut<std::int32_t> status;
};

Result<void> place_page(const mm::AddressSpace& space, const PageLists& lists, std::size_t i) {
  const UserAddr page{TRY((lists.pages + i).read())};
  if (!lists.nodes.is_null() && TRY((lists.nodes + i).read()) != 0) return err(Errno::nodev);
  const auto there = space.check_page_at(page);
  return (lists.status + i).write(there ? 0 : -static_cast<std::int32_t>(there.error()));
}

}  // namespace

Result<void> move_pages(Task& self, std::int32_t pid, std::size_t count, UserIn<std::uint64_t> pages,
                        UserIn<std::int32_t> nodes, UserOut<std::int32_t> status, Flags flags) {
  if (!flags.only(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) return err(Errno::inval);
  if (flags.has(MPOL_MF_MOVE_ALL) && !self.creds().has(CAP_SYS_NICE)) return err(Errno::perm);
  const auto space = TRY(memory_of(self, pid));
  for (std::size_t i = 0; i < count; ++i) {
    if (self.kill_pending()) return err(Errno::interrupted);
    TRY(place_page(*space, {pages, nodes, status}, i));
  }
  return {};
}

Result<int> migrate_pages(Task& self, std::int32_t pid, std::uint64_t max_node, UserIn<std::uint64_t> from,
                          UserIn<std::uint64_t> to) {
  TRY(read_nodes(from, max_node));
  const mm::NodeSet target = TRY(read_nodes(to, max_node));
  if (pid != 0) TRY(task::view_thread(self, pid, task::CallerIds::real));
  if (!target.only_memory() && !self.creds().has(CAP_SYS_NICE)) return err(Errno::perm);
  if (!target.names_memory()) return err(Errno::inval);
  TRY(memory_of(self, pid));
  return 0;  // pages that could not be moved
}

}  // namespace k::sys
