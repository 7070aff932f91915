/// FileOwner: whom an open file description tells by a signal that something happened, and by which signal.
///
/// Invariants  one record per file, made on first use, gone with the file. The owner is held by its Pid, so the number means nobody
///             else later; the rights are those of whoever set it.
/// Lock order  Rank::file_owner, not held while a signal is sent.
/// Context     of: task context; tell: any, no sleeping, with spin locks up to Rank::inotify held.
/// Errors      NOMEM; set: SRCH (no such process or group), INVAL.
/// Source      fcntl(2), "Managing signals"; sigaction(2), "si_fd".
#pragma once

#include <optional>

#include "fs/vfs/async_notice.h"
#include "fs/vfs/credentials.h"
#include "fs/vfs/file.h"
#include "fs/vfs/lease.h"
#include "kernel/sync/spin/guarded.h"
#include "kernel/task/pid.h"

namespace k::task {

class FileOwner final : public fs::FileWatch, public mm::SlabAllocated<FileOwner> {
 public:
  enum class Kind : std::uint8_t { thread, process, group };  // F_OWNER_*
  struct Ids {
    std::uint32_t uid = 0, euid = 0;
  };
  struct Owner {
    RefOrNull<Pid> pid;
    Kind kind = Kind::thread;
    Ids rights;

    /// Its number while somebody carries it in that role, else 0.
    pid_t number() const;
  };

  static Result<FileOwner*> of(fs::File& file);

  Owner owner();
  /// `number` 0: nobody.
  Result<void> set(Kind kind, pid_t number, const fs::Credentials& by);
  /// Makes the process of `self` the owner unless there is one.
  void set_default(const Task& self);
  void set_default(const Task& self, Kind kind, RefOrNull<Pid> who);
  /// 0: SIGIO, without anything about the file.
  int signal() const { return signal_.load(std::memory_order_relaxed); }
  void set_signal(int number) { signal_.store(number, std::memory_order_relaxed); }

  /// `reason`: POLL_MSG and its like; `fd`: what the owner knows the file by.
  void tell(int fd, int reason);
  /// O_ASYNC: from now on the file's object tells the owner, or no more. `file` is the one that this record is of.
  void set_async(fs::File& file, int fd, const fs::AsyncPlaces& places, bool on);
  /// F_SETLEASE: the owner hears when somebody wants the file. `file` is the one that this record is of.
  Result<void> take_lease(fs::File& file, int fd, fs::LeaseType type);

 private:
  friend class FileOwnerRecords;
  class Hook final : public fs::AsyncHook {
   public:
    explicit Hook(FileOwner& owner) : owner_(owner) {}
    void told(int reason) override { owner_.tell(owner_.async_fd_.load(std::memory_order_relaxed), reason); }

   private:
    FileOwner& owner_;
  };

  class Lease final : public fs::LeaseHolder {
   public:
    explicit Lease(FileOwner& owner) : owner_(owner) {}
    void lease_wanted() override;
    void lease_taken() override;
    void lease_ended() override;

   private:
    FileOwner& owner_;
  };

  FileOwner();
  ~FileOwner();
  void replace(Owner fresh);

  sync::SpinGuarded<Owner, sync::Rank::file_owner> owner_;
  std::atomic<int> signal_{0};
  std::atomic<int> async_fd_{-1}, lease_fd_{-1};
  Hook first_{*this}, second_{*this};
  Lease lease_{*this};
};

}  // namespace k::task
