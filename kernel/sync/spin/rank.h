/// Every lock's rank. A thread may take a lock only if its rank is greater than all it holds (outermost first).
///
/// Invariants  ranks up to last_sleeping are mutexes, up to last_spin spin locks, the rest interrupt-safe spin locks: the
///             kind follows from the rank. Locks of equal rank nest only where `nests` says so (ordered by address
///             or by tree depth, as the owner documents).
/// Context     checked at run time in the debug flavour (kernel/sync/spin/lock_order.h).
#pragma once

#include <cstdint>

namespace k::sync {

enum class Rank : std::uint8_t {
  none_held = 0,
  // Sleeping locks.
  socket_setup,    // net: binding, connecting and listening of one socket
  exec,            // task: credentials and exec against ptrace-like observers
  file_position,   // vfs: the offset of an open file description
  fs_rename,       // vfs: one cross-directory rename per superblock
  inode_dir,       // vfs: a directory's entries; parent before child, then by address
  inode_data,      // vfs: size and data of a regular file
  epoll_graph,     // fs/event: which epoll instance watches which
  epoll,           // fs/event: an instance's interest list; the outer of nested ones first
  tty,             // drivers/tty: line discipline state
  pty,             // drivers/tty/pty: what the master has not read yet
  socket_receive,  // net: one reader of a socket at a time
  pipe,            // ipc: a pipe's buffers
  mount_table,     // vfs
  mmap,            // mm/vm: one address space; a user copy under the ranks above may fault and take it
  vma,             // mm/vm: one area, on the fault path
  ipc_ids,         // ipc/sysv: a table of identifiers; the last unmapping of a shared segment takes it
  page_cache,      // fs: a mapping's pages
  page_lock,
  fd_table,  // vfs: descriptor table writers
  last_sleeping = fd_table,
  // Spin locks (preemption off).
  task_tree,          // task: parents, children, zombies, group membership (short walks only)
  dentry_move,        // vfs: entries changing their place
  dentry,             // vfs: a bucket of the dentry cache, a superblock's list of entries
  inode,              // vfs: FIFOs and sockets attached to inodes, advisory locks
  sockets_in_flight,  // net: sockets that are on their way in messages
  socket_names,       // net: the tables that sockets are found by
  socket,             // net: what is queued at one socket
  fs_context,         // vfs: cwd, root, umask
  file_watch,         // vfs: who watches an open file description
  inode_marks,        // vfs: who watches an inode
  inotify,            // fs/event: an instance's queue of events
  async_notices,      // vfs: whom O_ASYNC tells of an object's readiness
  file_owner,         // task: whom an open file description signals
  creds,
  task,  // task: pointers to what other threads may look at (descriptors, fs context, memory)
  pid_table,
  futex_bucket,
  ipc_undo,       // ipc/sysv: a process's semaphore adjustments
  ipc_object,     // ipc/sysv: one semaphore set, message queue or shared segment
  mappings,       // mm/vm: the areas that map one page source
  page_table,     // mm/vm: one leaf table's entries
  layout_random,  // mm/vm: the generator behind user ASLR
  frame_lru,
  device_list,
  last_spin = device_list,
  // Interrupt-safe spin locks.
  tty_input,      // drivers/tty: bytes from the interrupt handler; may signal the foreground group
  session,        // task: a session's terminal and foreground group
  process_group,  // task: members of a group
  sighand,        // task: signal queues and actions
  sigactions,     // task: dispositions that processes share by CLONE_SIGHAND
  users,          // task: the table of per-user counts
  wait_queue,
  timer_file,  // fs/event: a timerfd's setting
  timer_queue,
  pi_state,
  run_queue,
  rcu,
  irq_table,
  slab,
  buddy,
  kernel_map,
  random,
  uart,
  log,
  last,
};

enum class LockKind : std::uint8_t { mutex, spin, spin_irq };

constexpr LockKind kind_of(Rank r) {
  return r <= Rank::last_sleeping ? LockKind::mutex : r <= Rank::last_spin ? LockKind::spin : LockKind::spin_irq;
}
/// Ranks whose locks may nest among themselves.
constexpr bool nests(Rank r) {
  return r == Rank::inode_dir || r == Rank::dentry || r == Rank::run_queue || r == Rank::page_table ||
         r == Rank::wait_queue || r == Rank::mmap || r == Rank::inode_data || r == Rank::pipe ||
         r == Rank::futex_bucket || r == Rank::epoll;
}

}  // namespace k::sync
