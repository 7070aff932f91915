// /proc/sys/fs. Source: proc_sys_fs(5).
#include "fs/event/inotify_user.h"
#include "fs/procfs/setting.h"
#include "fs/procfs/sys_ipc.h"
#include "fs/procfs/sys_kernel.h"
#include "fs/vfs/fd_table.h"
#include "fs/vfs/lease.h"
#include "fs/vfs/object_count.h"

namespace k::fs::proc {
namespace {

/// Open ones, free ones (there never are), and the bound.
Result<void> show_file_numbers(const Subject&, TextBuffer& out) {
  out.print("{}\t0\t{}\n", count_objects(ObjectKind::file), most_files().load());
  return {};
}

/// What nobody uses is freed at once: none waits for reuse.
Result<void> show_inode_numbers(const Subject&, TextBuffer& out) {
  out.print("{}\t0\n", count_objects(ObjectKind::inode));
  return {};
}
Result<void> show_inode_state(const Subject&, TextBuffer& out) {
  out.print("{}\t0\t0\t0\t0\t0\t0\n", count_objects(ObjectKind::inode));
  return {};
}
Result<void> show_dentry_state(const Subject&, TextBuffer& out) {
  constexpr int kAgeLimit = 45;  // a constant of old that nothing follows
  out.print("{}\t0\t{}\t0\t0\t0\n", count_objects(ObjectKind::dentry), kAgeLimit);
  return {};
}

constexpr std::uint64_t kLeastNrOpen = 64, kMostNrOpen = INT32_MAX & ~std::uint64_t{63};

auto& inotify_instances() { return event::inotify_limits().instances; }
auto& inotify_watches() { return event::inotify_limits().watches; }
auto& inotify_events() { return event::inotify_limits().events; }

constexpr Entry kInotify[] = {
    setting<inotify_events, 0, INT32_MAX>("max_queued_events"),
    setting<inotify_instances, 0, INT32_MAX>("max_user_instances"),
    setting<inotify_watches, 0, INT32_MAX>("max_user_watches"),
};
constexpr DirectoryTable kInotifyDirectory{kInotify};

constexpr Entry kFiles[] = {
    directory("inotify", kInotifyDirectory),
    directory("mqueue", kMqueueDirectory),
    file("dentry-state", show_dentry_state),
    setting<most_files, 0, INT64_MAX>("file-max"),
    file("file-nr", show_file_numbers),
    file("inode-nr", show_inode_numbers),
    file("inode-state", show_inode_state),
    setting<most_descriptors, kLeastNrOpen, kMostNrOpen>("nr_open"),
    setting<lease_break_time, 0, INT32_MAX>("lease-break-time"),
    setting<leases_enabled, 0, INT32_MAX>("leases-enable"),
    file("pipe-max-size", show_number<1'048'576>),
    file("overflowuid", show_number<65534>),
    file("overflowgid", show_number<65534>),
};

}  // namespace

constexpr DirectoryTable kSysFilesDirectory{kFiles};

}  // namespace k::fs::proc
