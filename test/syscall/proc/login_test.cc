/// /proc/PID/loginuid and sessionid: who logged in, for the audit system. Source: proc_pid_loginuid(5).
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr const char* kUnset = "4294967295";

int set_login(const std::string& value, const char* path = "/proc/self/loginuid") {
  const Fd fd{open(path, O_WRONLY | O_TRUNC)};
  if (fd == -1) return -1;
  return write(fd, value.data(), value.size()) == (ssize_t)value.size() ? 0 : -1;
}

std::string login() { return slurp("/proc/self/loginuid"); }
std::string session() { return slurp("/proc/self/sessionid"); }

}  // namespace

TEST(ProcLoginuid, IsUnsetAtFirst) {
  EXPECT_EQ(login(), kUnset);
  EXPECT_EQ(session(), kUnset);
  EXPECT_EQ(mode_of("/proc/self/loginuid"), 0644u);
  EXPECT_EQ(mode_of("/proc/self/sessionid"), 0444u);
}

TEST(ProcLoginuid, ChangesBeginASession) {
  EXPECT_EQ(in_child([] {
              EXPECT_OK(set_login("7\n"));
              EXPECT_EQ(login(), "7");
              const std::string first = session();
              EXPECT_NE(first, kUnset);
              EXPECT_OK(set_login("8"));
              EXPECT_EQ(login(), "8");
              EXPECT_EQ(std::stoul(session()), std::stoul(first) + 1);
              EXPECT_OK(set_login(kUnset));
              EXPECT_EQ(login(), kUnset);
              EXPECT_EQ(session(), kUnset);
            }),
            0);
  EXPECT_EQ(login(), kUnset);
}

TEST(ProcLoginuid, IsInherited) {
  EXPECT_EQ(in_child([] {
              EXPECT_OK(set_login("7"));
              const std::string ours = session();
              EXPECT_EQ(in_child([&] {
                          EXPECT_EQ(login(), "7");
                          EXPECT_EQ(session(), ours);
                        }),
                        0);
            }),
            0);
}

TEST(ProcLoginuid, BelongsToTheThread) {
  EXPECT_EQ(in_child([] {
              pthread_t thread;
              const auto body = [](void*) -> void* {
                EXPECT_OK(set_login("9", "/proc/thread-self/loginuid"));
                EXPECT_EQ(slurp("/proc/thread-self/loginuid"), "9");
                EXPECT_ERRNO(EPERM, set_login("9", "/proc/self/loginuid"));
                return nullptr;
              };
              ASSERT_EQ(pthread_create(&thread, nullptr, body, nullptr), 0);
              pthread_join(thread, nullptr);
              EXPECT_EQ(login(), kUnset);
            }),
            0);
}

TEST(ProcLoginuid, IsSetByThreadsThemselves) {
  const Sleeper other;
  EXPECT_ERRNO(EPERM, set_login("7", ("/proc/" + std::to_string(other) + "/loginuid").c_str()));
}

TEST(ProcLoginuid, RefusesWhatIsNoNumber) {
  for (const char* bad : {"x", "0x7", " 7", "-1", "7 8", "7x"}) EXPECT_ERRNO(EINVAL, set_login(bad)) << bad;
  EXPECT_ERRNO(ERANGE, set_login("4294967296"));
  EXPECT_EQ(login(), kUnset);
}

TEST(ProcLoginuid, OnceSetOnlyPrivilegeChangesIt) {
  EXPECT_EQ(as_user([] {
              prctl(PR_SET_DUMPABLE, 1);  // else its files in /proc are root's
              EXPECT_OK(set_login("1000"));
              EXPECT_EQ(login(), "1000");
              EXPECT_ERRNO(EPERM, set_login("1001"));
              EXPECT_ERRNO(EPERM, set_login(kUnset));
            }),
            0);
}
