// The directories of a process and of a thread.
#include "fs/procfs/process.h"

#include "kernel/task/task.h"
#include "net/unix/unix_listing.h"

namespace k::fs::proc {
namespace {

/// Threads by number: the smallest tid >= from.
std::int64_t next_thread(const Subject& subject, std::int64_t from) {
  const auto process = subject.process();
  if (!process) return -1;
  std::int64_t best = -1;
  Locked signals{(*process)->signals};
  for (const Task& t : signals->threads) {
    if (t.tid() >= from && (best < 0 || t.tid() < best)) best = t.tid();
  }
  return best;
}

Result<Subject> thread_subject(const Subject& parent, std::int64_t number) {
  const auto process = TRY(parent.process());
  auto pid = number < task::kPidMax ? task::find_pid(static_cast<task::pid_t>(number)) : nullptr;
  if (!pid) return err(Errno::srch);
  auto thread = Subject::thread(Ref<task::Pid>::share(*pid));
  bool belongs = false;
  TRY(thread.with_task([&](const Task& t) { belongs = &t.process() == process.get(); }));
  if (!belongs) return err(Errno::srch);
  return thread;
}

Result<void> show_unix_sockets(const Subject&, TextBuffer& out) {
  net::list_unix_sockets(out);
  return {};
}

/// There is one network, whoever looks.
constexpr Entry kNetEntries[] = {file("unix", show_unix_sockets)};
constexpr DirectoryTable kNetDirectory{kNetEntries};

#define HT_PROC_COMMON                                                                                              \
  file("stat", show_stat), file("statm", show_statm), file("status", show_status),                                  \
      writable_file("comm", show_comm, store_comm), file("cmdline", show_arguments),                                \
      guarded(private_file("environ", show_environment)), guarded(private_file("auxv", show_auxiliary)),            \
      guarded(file("maps", show_maps)), guarded(file("smaps", show_smaps)),                                         \
      guarded(file("smaps_rollup", show_smaps_rollup)), guarded(private_binary_file("pagemap", read_pagemap)),      \
      guarded(private_binary_file("mem", read_mem, write_mem)), file("limits", show_limits),                        \
      guarded(private_file("personality", show_personality)), file("cgroup", show_control_groups),                  \
      file("uid_map", show_id_map), file("gid_map", show_id_map), file("setgroups", show_setgroups),                \
      file("mounts", show_mounts), file("mountinfo", show_mount_info), file("oom_score", show_oom_score),           \
      writable_file("oom_score_adj", show_oom_score_adj, store_oom_score_adj),                                      \
      writable_file("oom_adj", show_oom_adj, store_oom_adj), magic_link("exe", show_exe, jump_exe),                 \
      magic_link("cwd", show_cwd, jump_cwd), magic_link("root", show_root, jump_root),                              \
      own(directory("fd", kFdDirectory, 0500)), directory("fdinfo", kFdInfoDirectory), private_file("io", show_io), \
      directory("ns", kNamespaceDirectory, 0511), writable_file("loginuid", show_login_uid, store_login_uid),       \
      directory("net", kNetDirectory), file("sessionid", show_session_id), file("wchan", show_wchan),               \
      guarded(file("numa_maps", show_numa_maps))

constexpr Entry kThreadEntries[] = {HT_PROC_COMMON, file("children", show_children)};
constexpr DirectoryTable kThreadDirectory{kThreadEntries};
constexpr Entry kThreadEntry = immutable(directory("", kThreadDirectory));

constexpr NumberedEntries kThreads{next_thread, thread_subject, &kThreadEntry};
constexpr DirectoryTable kTaskDirectory{{}, &kThreads};

constexpr Entry kProcessEntries[] = {
    HT_PROC_COMMON,
    directory("task", kTaskDirectory),
#if defined(HT_DEBUG)
    writable_file("fail-nth", show_fail_nth, store_fail_nth),
#endif
};
#undef HT_PROC_COMMON

}  // namespace

constexpr DirectoryTable kProcessDirectory{kProcessEntries};

}  // namespace k::fs::proc
