/// Between devpts and pseudo-terminals: fs/devpts names pairs and drivers/tty makes them; each sees the other as an interface.
///
/// Invariants  a pair's entry is there from open of ptmx until its master is closed; its number is taken until the pair is gone.
/// Context     task context.
/// Errors      as open(2) of ptmx and of a slave.
/// Source      pts(4), Linux's filesystems/devpts.
#pragma once

#include "fs/vfs/open.h"

namespace k::fs {

/// A pair's name: /dev/pts/N. Its master holds it.
class PtyEntry : public lib::RefCounted {
 public:
  virtual ~PtyEntry() = default;
  virtual unsigned index() const = 0;
  virtual DeviceNumber device() const = 0;
  /// The master is closed: nobody finds the slave any more. Once, or never when the pair was not published.
  virtual void remove() = 0;
  /// TIOCGPTPEER: opens the slave as seen from where `master` was opened, whatever the directories' permissions.
  virtual Result<Ref<File>> open_slave(const File& master, lib::Flags flags) = 0;
};

/// The slave, as its entry holds it.
class PtySlave : public lib::RefCounted {
 public:
  virtual ~PtySlave() = default;
  virtual Result<Ref<File>> open(const OpenRequest& request) = 0;
};

/// A pair just made, and the open file description of its master.
struct PtyPair {
  Ref<File> master;
  Ref<PtySlave> slave;
};

using PtyMaker = Result<PtyPair> (*)(const OpenRequest& ptmx, Ref<PtyEntry> entry);
void set_pty_maker(PtyMaker maker);
Result<PtyPair> make_pty(const OpenRequest& ptmx, Ref<PtyEntry> entry);

}  // namespace k::fs
