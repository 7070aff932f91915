/// The files of /proc/PID and /proc/PID/task/TID.
/// Source: proc(5), one page per file (proc_pid_stat(5) ...).
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::proc {

Result<void> show_stat(const Subject& subject, TextBuffer& out);
Result<void> show_statm(const Subject& subject, TextBuffer& out);
Result<void> show_status(const Subject& subject, TextBuffer& out);
Result<void> show_comm(const Subject& subject, TextBuffer& out);
Result<void> store_comm(const Subject& subject, std::string_view text);
Result<void> show_arguments(const Subject& subject, TextBuffer& out);
Result<void> show_environment(const Subject& subject, TextBuffer& out);
Result<void> show_auxiliary(const Subject& subject, TextBuffer& out);
Result<void> show_maps(const Subject& subject, TextBuffer& out);
Result<void> show_smaps(const Subject& subject, TextBuffer& out);
Result<void> show_smaps_rollup(const Subject& subject, TextBuffer& out);
Result<std::size_t> read_pagemap(const Subject& subject, IoBuffer& to, std::uint64_t offset);
Result<std::size_t> read_mem(const Subject& subject, IoBuffer& to, std::uint64_t offset);
Result<std::size_t> write_mem(const Subject& subject, IoBuffer& from, std::uint64_t offset);
Result<void> show_io(const Subject& subject, TextBuffer& out);
Result<void> show_children(const Subject& subject, TextBuffer& out);
Result<void> show_login_uid(const Subject& subject, TextBuffer& out);
Result<void> store_login_uid(const Subject& subject, std::string_view text);
Result<void> show_session_id(const Subject& subject, TextBuffer& out);
Result<void> show_wchan(const Subject& subject, TextBuffer& out);
Result<void> show_numa_maps(const Subject& subject, TextBuffer& out);
Result<void> show_control_groups(const Subject& subject, TextBuffer& out);
Result<void> show_id_map(const Subject& subject, TextBuffer& out);
Result<void> show_setgroups(const Subject& subject, TextBuffer& out);
Result<void> show_personality(const Subject& subject, TextBuffer& out);
Result<void> show_limits(const Subject& subject, TextBuffer& out);
Result<void> show_mounts(const Subject& subject, TextBuffer& out);
Result<void> show_mount_info(const Subject& subject, TextBuffer& out);
Result<void> show_oom_score(const Subject& subject, TextBuffer& out);
Result<void> show_oom_score_adj(const Subject& subject, TextBuffer& out);
Result<void> store_oom_score_adj(const Subject& subject, std::string_view text);
Result<void> show_oom_adj(const Subject& subject, TextBuffer& out);
Result<void> store_oom_adj(const Subject& subject, std::string_view text);
// Debug flavours only.
Result<void> show_fail_nth(const Subject& subject, TextBuffer& out);
Result<void> store_fail_nth(const Subject& subject, std::string_view text);

Result<void> show_exe(const Subject& subject, TextBuffer& out);
Result<PathRef> jump_exe(const Subject& subject);
Result<void> show_cwd(const Subject& subject, TextBuffer& out);
Result<PathRef> jump_cwd(const Subject& subject);
Result<void> show_root(const Subject& subject, TextBuffer& out);
Result<PathRef> jump_root(const Subject& subject);

extern const DirectoryTable kFdDirectory, kFdInfoDirectory, kNamespaceDirectory;

}  // namespace k::fs::proc
