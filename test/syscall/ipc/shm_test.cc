/// System V shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2).
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

/// A segment that is removed at the end.
class Segment {
 public:
  explicit Segment(std::size_t bytes = kPage, int flags = 0600, key_t key = IPC_PRIVATE)
      : id_(shmget(key, bytes, flags | IPC_CREAT)) {
    EXPECT_NE(id_, -1) << strerror(errno);
  }
  ~Segment() { shmctl(id_, IPC_RMID, nullptr); }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  operator int() const { return id_; }

 private:
  int id_;
};

char* attach(int id, int flags = 0, void* at = nullptr) { return static_cast<char*>(shmat(id, at, flags)); }

shmid_ds stat_of_segment(int id) {
  shmid_ds s{};
  EXPECT_OK(shmctl(id, IPC_STAT, &s));
  return s;
}

unsigned long attached(int id) { return stat_of_segment(id).shm_nattch; }

constexpr key_t kKey = 0x5e6d3e17;

}  // namespace

TEST(Shmget, MakesAndFinds) {
  EXPECT_ERRNO(ENOENT, shmget(kKey, kPage, 0600));
  Segment s{kPage, 0600, kKey};
  EXPECT_EQ(shmget(kKey, kPage, 0600), s);
  EXPECT_EQ(shmget(kKey, 0, 0), s) << "any smaller size will do";
  EXPECT_EQ(shmget(kKey, kPage, IPC_CREAT | 0600), s);
  EXPECT_ERRNO(EEXIST, shmget(kKey, kPage, IPC_CREAT | IPC_EXCL | 0600));
  EXPECT_ERRNO(EINVAL, shmget(kKey, kPage + 1, 0600)) << "larger than it is";
}

TEST(Shmget, PrivateKeysAlwaysMakeANewOne) {
  Segment a, b;
  EXPECT_NE(static_cast<int>(a), static_cast<int>(b));
}

TEST(Shmget, RefusesBadSizes) {
  EXPECT_ERRNO(EINVAL, shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  EXPECT_ERRNO(EINVAL, shmget(IPC_PRIVATE, ~0ul, IPC_CREAT | 0600));
}

TEST(Shmget, KeepsTheExactSize) {
  Segment s{100};
  EXPECT_EQ(stat_of_segment(s).shm_segsz, 100u);
}

TEST(Shmat, ShowsZeroesThenWhatWasWritten) {
  Segment s{2 * kPage};
  char* p = attach(s);
  ASSERT_OK(p);
  EXPECT_EQ(p[kPage], 0);
  p[0] = 'x';
  char* q = attach(s);
  ASSERT_OK(q);
  EXPECT_NE(p, q);
  EXPECT_EQ(q[0], 'x');
  EXPECT_OK(shmdt(p));
  EXPECT_OK(shmdt(q));
  p = attach(s);
  EXPECT_EQ(p[0], 'x') << "content outlives its last detach";
  EXPECT_OK(shmdt(p));
}

TEST(Shmat, RefusesUnknownIdentifiers) {
  EXPECT_ERRNO(EINVAL, shmat(-1, nullptr, 0));
  EXPECT_ERRNO(EINVAL, shmat(0x7fff'fff0, nullptr, 0));
}

TEST(Shmat, ReadOnlyAttachmentsAreNeverWritable) {
  Segment s;
  char* p = attach(s, SHM_RDONLY);
  ASSERT_OK(p);
  EXPECT_EQ(peek(p), 0);
  const auto fault = fault_of([&] { poke(p, 1); });
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->signal, SIGSEGV);
  EXPECT_ERRNO(EACCES, mprotect(p, kPage, PROT_READ | PROT_WRITE));
  EXPECT_OK(shmdt(p));
}

TEST(Shmat, ExecIsAskedFor) {
  Segment s{kPage, 0700};
  char* p = attach(s);
  p[0] = static_cast<char>(0xc3);  // ret
  EXPECT_TRUE(fault_of([&] { reinterpret_cast<void (*)()>(p)(); }));
  char* x = attach(s, SHM_EXEC);
  ASSERT_OK(x);
  EXPECT_FALSE(fault_of([&] { reinterpret_cast<void (*)()>(x)(); }));
  shmdt(p);
  shmdt(x);
}

TEST(Shmat, TakesTheAddressItIsGiven) {
  Pages room{4};
  char* at = room.at(1);
  Segment s{2 * kPage};
  EXPECT_ERRNO(EINVAL, shmat(s, at, 0)) << "something is mapped there";
  ASSERT_OK(munmap(at, 2 * kPage));
  EXPECT_EQ(attach(s, 0, at), at);
  EXPECT_OK(shmdt(at));
}

TEST(Shmat, RoundsDownWhenAsked) {
  Pages room{3};
  ASSERT_OK(munmap(room.at(1), kPage));
  Segment s;
  EXPECT_ERRNO(EINVAL, shmat(s, room.at(1) + 5, 0));
  EXPECT_EQ(attach(s, SHM_RND, room.at(1) + 5), room.at(1));
  EXPECT_OK(shmdt(room.at(1)));
}

TEST(Shmat, RemapReplacesWhatIsThere) {
  Pages room{2};
  room.at(0)[0] = 'o';
  Segment s;
  EXPECT_ERRNO(EINVAL, shmat(s, nullptr, SHM_REMAP)) << "which needs an address";
  EXPECT_EQ(attach(s, SHM_REMAP, room.at(0)), room.at(0));
  EXPECT_EQ(room.at(0)[0], 0);
  EXPECT_OK(shmdt(room.at(0)));
}

TEST(Shmdt, NeedsTheStartOfAnAttachment) {
  Segment s{2 * kPage};
  char* p = attach(s);
  EXPECT_ERRNO(EINVAL, shmdt(p + kPage));
  EXPECT_ERRNO(EINVAL, shmdt(p + 1));
  EXPECT_ERRNO(EINVAL, shmdt(nullptr));
  EXPECT_OK(shmdt(p));
  EXPECT_ERRNO(EINVAL, shmdt(p)) << "once";
  EXPECT_TRUE(fault_of([&] { peek(p); }));
}

TEST(Shmdt, OrdinaryMappingsAreNoAttachments) {
  Pages pages{1};
  EXPECT_ERRNO(EINVAL, shmdt(pages.at()));
}

TEST(Shmdt, TakesAllPartsOfASplitAttachment) {
  Segment s{3 * kPage};
  char* p = attach(s);
  ASSERT_OK(mprotect(p + kPage, kPage, PROT_READ));
  EXPECT_EQ(attached(s), 3u) << "each part counts";
  EXPECT_OK(shmdt(p));
  EXPECT_EQ(attached(s), 0u);
  for (int i = 0; i < 3; i++) EXPECT_TRUE(fault_of([&] { peek(p + i * kPage); }));
}

TEST(Shmdt, MunmapDetachesToo) {
  Segment s{2 * kPage};
  char* p = attach(s);
  ASSERT_OK(munmap(p, kPage));
  EXPECT_EQ(attached(s), 1u);
  ASSERT_OK(munmap(p + kPage, kPage));
  EXPECT_EQ(attached(s), 0u);
}

TEST(Shmctl, StatTells) {
  const time_t before = time(nullptr);
  Segment s{3000, 0640};
  shmid_ds d = stat_of_segment(s);
  EXPECT_EQ(d.shm_segsz, 3000u);
  EXPECT_EQ(d.shm_perm.mode, 0640);
  EXPECT_EQ(d.shm_perm.uid, geteuid());
  EXPECT_EQ(d.shm_perm.cuid, geteuid());
  EXPECT_EQ(d.shm_perm.gid, getegid());
  EXPECT_EQ(d.shm_perm.__key, IPC_PRIVATE);
  EXPECT_EQ(d.shm_cpid, getpid());
  EXPECT_EQ(d.shm_lpid, 0);
  EXPECT_EQ(d.shm_nattch, 0u);
  EXPECT_EQ(d.shm_atime, 0);
  EXPECT_EQ(d.shm_dtime, 0);
  EXPECT_GE(d.shm_ctime, before);
  char* p = attach(s);
  d = stat_of_segment(s);
  EXPECT_EQ(d.shm_nattch, 1u);
  EXPECT_EQ(d.shm_lpid, getpid());
  EXPECT_GE(d.shm_atime, before);
  EXPECT_EQ(d.shm_dtime, 0);
  shmdt(p);
  d = stat_of_segment(s);
  EXPECT_EQ(d.shm_nattch, 0u);
  EXPECT_GE(d.shm_dtime, before);
}

TEST(Shmctl, SetChangesOwnerAndMode) {
  Segment s;
  shmid_ds d = stat_of_segment(s);
  d.shm_perm.uid = 1000;
  d.shm_perm.gid = 1001;
  d.shm_perm.mode = 07666;
  ASSERT_OK(shmctl(s, IPC_SET, &d));
  d = stat_of_segment(s);
  EXPECT_EQ(d.shm_perm.uid, 1000u);
  EXPECT_EQ(d.shm_perm.gid, 1001u);
  EXPECT_EQ(d.shm_perm.cuid, 0u);
  EXPECT_EQ(d.shm_perm.mode, 0666);
}

TEST(Shmctl, RemovedAtOnceWhenNotAttached) {
  const int id = shmget(IPC_PRIVATE, kPage, 0600);
  ASSERT_OK(shmctl(id, IPC_RMID, nullptr));
  shmid_ds d;
  EXPECT_ERRNO(EINVAL, shmctl(id, IPC_STAT, &d));
  EXPECT_ERRNO(EINVAL, shmctl(id, IPC_RMID, nullptr));
}

TEST(Shmctl, RemovedWithItsLastDetach) {
  const int id = shmget(kKey, kPage, IPC_CREAT | 0600);
  char* p = attach(id);
  ASSERT_OK(shmctl(id, IPC_RMID, nullptr));
  shmid_ds d = stat_of_segment(id);
  EXPECT_EQ(d.shm_perm.mode, SHM_DEST | 0600);
  EXPECT_EQ(d.shm_perm.__key, IPC_PRIVATE) << "its key is free";
  EXPECT_ERRNO(ENOENT, shmget(kKey, kPage, 0600));
  p[0] = 'x';
  char* q = attach(id);
  ASSERT_OK(q) << "it may still be attached by its identifier";
  EXPECT_EQ(q[0], 'x');
  EXPECT_OK(shmdt(p));
  EXPECT_OK(shmctl(id, IPC_STAT, &d));
  EXPECT_OK(shmdt(q));
  EXPECT_ERRNO(EINVAL, shmctl(id, IPC_STAT, &d));
}

TEST(Shmctl, ChecksPermissions) {
  Segment s{kPage, 0600};
  EXPECT_EQ(as_user([&] {
              shmid_ds d{};
              EXPECT_ERRNO(EACCES, shmctl(s, IPC_STAT, &d));
              EXPECT_ERRNO(EPERM, shmctl(s, IPC_SET, &d));
              EXPECT_ERRNO(EPERM, shmctl(s, IPC_RMID, nullptr));
              EXPECT_ERRNO(EACCES, shmat(s, nullptr, 0));
              EXPECT_ERRNO(EACCES, shmat(s, nullptr, SHM_RDONLY));
            }),
            0);
}

TEST(Shmctl, ModeBitsLetOthersIn) {
  Segment s{kPage, 0604, kKey};
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EACCES, shmat(s, nullptr, 0));
              char* p = attach(s, SHM_RDONLY);
              ASSERT_OK(p);
              EXPECT_OK(shmdt(p));
              EXPECT_EQ(shmget(kKey, 0, 0004), s);
              EXPECT_ERRNO(EACCES, shmget(kKey, 0, 0006));
            }),
            0);
}

TEST(Shmctl, InfoTellsLimitsAndUse) {
  Segment s{3 * kPage};
  struct shminfo limits{};
  EXPECT_GE(shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(&limits)), 0);
  EXPECT_EQ(limits.shmmin, 1u);
  EXPECT_EQ(limits.shmmni, 4096u);
  EXPECT_GT(limits.shmmax, 1ul << 40);
  struct shm_info use{};
  const int highest = shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&use));
  EXPECT_GE(highest, 0);
  EXPECT_GE(use.used_ids, 1);
  EXPECT_GE(use.shm_tot, 3u);
  bool found = false;
  for (int i = 0; i <= highest; i++) {
    shmid_ds d;
    const int id = shmctl(i, SHM_STAT, &d);
    found = found || (id == s && d.shm_segsz == 3 * kPage);
  }
  EXPECT_TRUE(found);
}

TEST(Shmctl, RefusesUnknownCommandsAndBadPointers) {
  Segment s;
  EXPECT_ERRNO(EINVAL, shmctl(s, 77, nullptr));
  EXPECT_ERRNO(EINVAL, shmctl(-1, IPC_STAT, nullptr));
  EXPECT_ERRNO(EFAULT, shmctl(s, IPC_STAT, reinterpret_cast<shmid_ds*>(8)));
  EXPECT_ERRNO(EFAULT, shmctl(s, IPC_SET, reinterpret_cast<shmid_ds*>(8)));
}

TEST(Shmctl, LockShowsInTheMode) {
  Segment s;
  ASSERT_OK(shmctl(s, SHM_LOCK, nullptr));
  EXPECT_EQ(stat_of_segment(s).shm_perm.mode, SHM_LOCKED | 0600);
  ASSERT_OK(shmctl(s, SHM_UNLOCK, nullptr));
  EXPECT_EQ(stat_of_segment(s).shm_perm.mode, 0600);
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EPERM, shmctl(s, SHM_LOCK, nullptr)); }), 0);
}

TEST(Shm, ForkInheritsAttachments) {
  Segment s;
  char* p = attach(s);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(attached(s), 2u);
              p[0] = 'c';
            }),
            0);
  EXPECT_EQ(p[0], 'c');
  EXPECT_EQ(attached(s), 1u) << "exit detaches";
  shmdt(p);
}

TEST(Shm, ExecDetaches) {
  Segment s;
  Gate ready, done;
  const pid_t pid = spawn([&] {
    attach(s);
    execl("/bin/busybox", "busybox", "true", nullptr);
    _exit(98);
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(attached(s), 0u);
}

TEST(Shm, SegmentOfADeadCreatorLivesOn) {
  int fds[2];
  ASSERT_OK(pipe(fds));
  EXPECT_EQ(in_child([&] {
              const int id = shmget(IPC_PRIVATE, kPage, 0600);
              attach(id)[0] = 'd';
              EXPECT_EQ(write(fds[1], &id, sizeof id), static_cast<ssize_t>(sizeof id));
            }),
            0);
  int id = -1;
  ASSERT_EQ(read(fds[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
  char* p = attach(id);
  ASSERT_OK(p);
  EXPECT_EQ(p[0], 'd');
  shmdt(p);
  EXPECT_OK(shmctl(id, IPC_RMID, nullptr));
  close(fds[0]);
  close(fds[1]);
}

TEST(Shm, ShowsInMaps) {
  Segment s{kPage, 0600, kKey}, anonymous;
  char *p = attach(s), *q = attach(anonymous);
  const std::string maps = slurp("/proc/self/maps");
  EXPECT_NE(maps.find("/SYSV5e6d3e17 (deleted)"), std::string::npos) << maps;
  EXPECT_NE(maps.find("/SYSV00000000 (deleted)"), std::string::npos) << maps;
  char start[32];
  snprintf(start, sizeof start, "%lx-", reinterpret_cast<unsigned long>(p));
  const std::string line = maps.substr(maps.find(start), maps.find('\n', maps.find(start)) - maps.find(start));
  EXPECT_NE(line.find("rw-s 00000000"), std::string::npos) << line;
  EXPECT_NE(line.find(" " + std::to_string(static_cast<int>(s)) + " "), std::string::npos)
      << "the inode number is the identifier: " << line;
  shmdt(p);
  shmdt(q);
}

TEST(Shm, ShowsInProcSysvipc) {
  Segment s{12345, 0640, kKey};
  const std::string text = slurp("/proc/sysvipc/shm");
  EXPECT_EQ(
      text.substr(0, text.find('\n')),
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime     "
      " dtime      ctime                   rss                  swap");
  char row[96];
  snprintf(row, sizeof row, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u ", kKey, static_cast<int>(s), 0640u,
           12345ul, static_cast<unsigned>(getpid()), 0u, 0ul, 0u, 0u, 0u, 0u);
  EXPECT_NE(text.find(row), std::string::npos) << text;
}

TEST(Shm, LimitsAreInProcSys) {
  EXPECT_EQ(slurp("/proc/sys/kernel/shmmni"), "4096\n");
  EXPECT_EQ(slurp("/proc/sys/kernel/shmmax"), "18446744073692774399\n");
  EXPECT_EQ(slurp("/proc/sys/kernel/shmall"), "18446744073692774399\n");
}

TEST(Shm, SharedFutexAndForkSeeOneMemory) {
  Segment s;
  auto* word = reinterpret_cast<volatile int*>(attach(s));
  const pid_t pid = spawn([&] {
    auto* mine = reinterpret_cast<volatile int*>(attach(s));
    *mine = 5;
  });
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(*word, 5);
  shmdt(const_cast<int*>(word));
}

// -- POSIX shared memory

TEST(PosixShm, DevShmIsATmpfsForEverybody) {
  EXPECT_EQ(mode_of("/dev/shm"), 01777u);
  EXPECT_NE(slurp("/proc/mounts").find(" /dev/shm tmpfs "), std::string::npos);
}

TEST(PosixShm, OpensMapsAndUnlinks) {
  EXPECT_EQ(as_user([] {
              const int fd = shm_open("/systest", O_CREAT | O_EXCL | O_RDWR, 0600);
              ASSERT_OK(fd);
              EXPECT_OK(ftruncate(fd, kPage));
              auto* p = static_cast<char*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
              ASSERT_OK(p);
              p[0] = 'x';
              const int again = shm_open("/systest", O_RDONLY, 0);
              char c = 0;
              EXPECT_EQ(read(again, &c, 1), 1);
              EXPECT_EQ(c, 'x');
              EXPECT_OK(shm_unlink("/systest"));
              EXPECT_ERRNO(ENOENT, shm_open("/systest", O_RDONLY, 0));
            }),
            0);
}
