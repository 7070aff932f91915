// The top of /proc: processes by number, links to one's own, and what concerns the whole system.
#include <linux/magic.h>

#include "fs/procfs/inode.h"
#include "fs/procfs/procfs.h"
#include "fs/procfs/system.h"
#include "kernel/task/pid_file.h"
#include "kernel/task/task.h"

namespace k::fs {
namespace proc {
namespace {

std::int64_t next_process(const Subject&, std::int64_t from) {
  if (from >= task::kPidMax) return -1;
  const auto found = task::next_process(static_cast<task::pid_t>(from));
  return found ? found->id() : -1;
}

/// Threads other than the first are found by number, too, but not listed.
Result<Subject> process_subject(const Subject&, std::int64_t number) {
  if (number >= task::kPidMax) return err(Errno::srch);
  auto pid = task::find_pid(static_cast<task::pid_t>(number));
  if (!pid || (pid->process.load() == nullptr && pid->task.load() == nullptr)) return err(Errno::srch);
  return Subject::process(Ref<task::Pid>::share(*pid));
}

Result<void> show_self(const Subject&, TextBuffer& out) {
  out.print("{}", task::current().process().id());
  return {};
}

Result<void> show_thread_self(const Subject&, TextBuffer& out) {
  const Task& self = task::current();
  out.print("{}/task/{}", self.process().id(), self.tid());
  return {};
}

Result<void> show_mounts_link(const Subject&, TextBuffer& out) {
  out.put("self/mounts");
  return {};
}

Result<void> show_net_link(const Subject&, TextBuffer& out) {
  out.put("self/net");
  return {};
}

constexpr Entry kProcessEntry = immutable(directory("", kProcessDirectory));
constexpr NumberedEntries kProcesses{next_process, process_subject, &kProcessEntry};

constexpr Entry kRootEntries[] = {
    link("self", show_self),
    link("thread-self", show_thread_self),
    link("mounts", show_mounts_link),
    link("net", show_net_link),
    file("cmdline", show_command_line),
    file("cpuinfo", show_cpu_info),
    file("devices", show_devices),
    file("filesystems", show_filesystems),
    file("interrupts", show_interrupts),
    file("loadavg", show_load_average),
    file("meminfo", show_memory),
    file("partitions", show_partitions),
    file("stat", show_statistics),
    file("swaps", show_swaps),
    file("uptime", show_uptime),
    file("version", show_version),
    file("vmstat", show_vm_statistics),
    directory("sys", kSysDirectory),
    directory("sysvipc", kSysvIpcDirectory),
};

constexpr Entry kRootEntry = directory("", kRootDirectory);

class ProcSuperblock final : public Superblock {
 public:
  static Result<Ref<Superblock>> mount(const FilesystemType& type, const MountRequest& request) {
    auto* sb = new (std::nothrow) ProcSuperblock(type);
    if (sb == nullptr) return err(Errno::nomem);
    auto held = Ref<Superblock>::adopt(*sb);
    TRY(sb->init());
    sb->set_read_only(request.read_only);
    return held;
  }
  ~ProcSuperblock() override { drop_entries(); }
  bool has_uncached_entries() const override { return true; }

 private:
  explicit ProcSuperblock(const FilesystemType& type) : Superblock(type, PROC_SUPER_MAGIC, Entries::in_file_system) {}
  Result<void> init() { return set_root(TRY(make_inode(*this, kRootEntry, Subject{}))); }
};

constinit FilesystemType g_type{"proc", &ProcSuperblock::mount};

/// For pidfd_send_signal(2): /proc/PID itself, nothing below it.
RefOrNull<task::Pid> subject_of_folder(const File& file) {
  if (&file.inode().superblock().type() != &g_type) return nullptr;
  const auto& inode = static_cast<const ProcInode&>(file.inode());
  return &inode.entry() == &kProcessEntry ? inode.subject().pid() : nullptr;
}

}  // namespace

constexpr DirectoryTable kRootDirectory{kRootEntries, &kProcesses};

}  // namespace proc

Result<void> register_procfs() {
  FilesystemType::add(proc::g_type);
  task::set_folder_subject(&proc::subject_of_folder);
  return {};
}

}  // namespace k::fs
