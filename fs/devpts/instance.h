/// One instance of devpts: its entries, their numbers and options. Internal to fs/devpts.
///
/// Invariants  `entries` are in order of their numbers, each number once; an entry stays in it, taken, until its pair is gone, but
///             only those with an inode are found. An entry holds its instance.
/// Lock order  the root directory's entries_lock(), then Rank::device_list.
/// Context     task context.
/// Errors      reserve: NOSPC, NOMEM.
#pragma once

#include "fs/devpts/options.h"
#include "fs/vfs/directory_node.h"
#include "fs/vfs/pty.h"
#include "fs/vfs/superblock.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

class DevptsEntry;

class Devpts final : public Superblock {
 public:
  static Result<Ref<Superblock>> mount(const FilesystemType& type, const MountRequest& request);
  ~Devpts() override;

  Result<void> remount(std::string_view options) override;
  void show_options(OptionSink& sink) const override { options().show(sink); }

  DevptsOptions options() const;
  /// The lowest free number, as an entry that nobody finds yet.
  Result<Ref<DevptsEntry>> reserve();
  /// What `name` stands for; null when there is no such entry.
  RefOrNull<Inode> find(std::string_view name) const;
  RefOrNull<Inode> find(std::uint64_t index) const;
  /// The smallest published number >= `from`, or nothing.
  std::optional<std::uint64_t> next(std::uint64_t from) const;

 private:
  friend class DevptsEntry;
  explicit Devpts(const FilesystemType& type);
  Result<void> init(const DevptsOptions& options);

  struct Node {
    lib::ListNode link;
    std::uint64_t index = 0;
    RefOrNull<Inode> inode;  // null: not published, or removed
  };
  struct State {
    DevptsOptions options;
    lib::List<Node, &Node::link> entries;
  };
  mutable sync::SpinGuarded<State, sync::Rank::device_list> state_;
  RefOrNull<Inode> ptmx_;
};

class DevptsEntry final : public PtyEntry, private Devpts::Node {
 public:
  explicit DevptsEntry(Ref<Devpts> instance) : instance_(std::move(instance)) {}
  ~DevptsEntry() override;

  /// From now on /dev/pts/N is `slave`.
  Result<void> publish(Ref<PtySlave> slave, const Credentials& opener);

  unsigned index() const override { return static_cast<unsigned>(Node::index); }
  DeviceNumber device() const override;
  void remove() override;
  Result<Ref<File>> open_slave(const File& master, lib::Flags flags) override;

 private:
  friend class Devpts;
  void forget_name();
  Ref<Devpts> instance_;
};

/// The root of the devpts that a ptmx at `ptmx` belongs to: its own, or the one mounted on "pts" beside it.
/// ENOENT: there is no "pts". ENODEV: it is something else.
Result<PathRef> find_devpts(const PathRef& ptmx);

}  // namespace k::fs
