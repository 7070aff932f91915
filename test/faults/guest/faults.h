/// Calls whose allocations are made to fail, one after another, until the call succeeds.
///
/// Invariants  `attempt` makes one call, says settled() with its result, undoes what it did, and returns what settled() said.
///             `setup` runs once before, without failures. A kernel that keeps half of a failed call shows as a descriptor, a
///             child or a name too many, or as another errno at the next try.
#ifndef HARDTACK_FAULTS_H
#define HARDTACK_FAULTS_H

struct operation {
  const char* name;
  int (*attempt)(void);
  int (*setup)(void);
};

extern const struct operation file_operations[], memory_operations[], process_operations[], ipc_operations[],
    event_operations[];

/// Ends the failures. 0 for a result >= 0; -1 otherwise, with the errno of the call kept for the report.
int settled(long result);
/// settled(), then closes what the call returned.
int close_if_open(int fd);

#endif
