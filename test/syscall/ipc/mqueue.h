/// A POSIX message queue per test, and its calls as the kernel has them.
#pragma once

#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

namespace systest {

/// The kernel wants names without the slash that the library takes off.
inline int mq_open_raw(const char* name, int flags, mode_t mode = 0600, const mq_attr* attributes = nullptr) {
  return (int)syscall(SYS_mq_open, name, flags, mode, attributes);
}
inline int mq_unlink_raw(const char* name) { return (int)syscall(SYS_mq_unlink, name); }

inline mq_attr sized(long messages, long bytes) {
  mq_attr a{};
  a.mq_maxmsg = messages;
  a.mq_msgsize = bytes;
  return a;
}

struct MqueueTest : testing::Test {
  void SetUp() override {
    name = "hardtack-" + std::to_string(getpid());
    queue = open_new(4, 16);
    ASSERT_GE(queue, 0);
  }
  void TearDown() override { mq_unlink_raw(name.c_str()); }

  int open_new(long messages, long bytes, int flags = O_RDWR) {
    mq_unlink_raw(name.c_str());
    const mq_attr a = sized(messages, bytes);
    return mq_open_raw(name.c_str(), flags | O_CREAT | O_EXCL, 0600, &a);
  }
  int send(const std::string& text, unsigned priority = 0) {
    return mq_send(queue, text.data(), text.size(), priority);
  }
  /// What was received, or "!" and the errno's name.
  std::string take(const timespec* until = nullptr, int from = -1) {
    char text[16384];
    const ssize_t n = mq_timedreceive(from < 0 ? queue : from, text, sizeof text, &got, until);
    if (n < 0) return std::string{"!"} + strerrorname_np(errno);
    return {text, (size_t)n};
  }
  mq_attr attributes() {
    mq_attr a{};
    EXPECT_OK(mq_getattr(queue, &a));
    return a;
  }
  void set_nonblocking() {
    mq_attr a{};
    a.mq_flags = O_NONBLOCK;
    EXPECT_OK(mq_setattr(queue, &a, nullptr));
  }

  std::string name;
  int queue = -1;
  unsigned got = 0;  // priority of what take() took
};

}  // namespace systest
