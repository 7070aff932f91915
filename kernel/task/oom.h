/// The OOM killer: when reclaim finds nothing, one process goes so that the rest live.
///
/// Invariants  one victim at a time: no other is chosen until its memory came back. The first process and processes with
///             oom_score_adj -1000 are never chosen.
/// Context     an allocation in task context.
/// Source      proc_pid_oom_score_adj(5).
#pragma once

namespace k::task {

class Process;

void register_oom_killer();
/// What /proc/PID/oom_score shows: 0 to 1000 and beyond, by resident memory and oom_score_adj; 0 for who is never chosen.
int oom_score(Process& process);

}  // namespace k::task
