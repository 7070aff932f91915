/// Short ways to drive epoll in a test.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cstdint>
#include <vector>

#include "support/check.h"
#include "support/files.h"

namespace systest {

struct Epoll {
  Epoll() : fd(epoll_create1(EPOLL_CLOEXEC)) {}
  int add(int target, std::uint32_t events, std::uint64_t data) const {
    return control(EPOLL_CTL_ADD, target, events, data);
  }
  int add(int target, std::uint32_t events) const { return add(target, events, static_cast<std::uint64_t>(target)); }
  int modify(int target, std::uint32_t events) const {
    return control(EPOLL_CTL_MOD, target, events, static_cast<std::uint64_t>(target));
  }
  int remove(int target) const { return epoll_ctl(fd, EPOLL_CTL_DEL, target, nullptr); }
  int control(int operation, int target, std::uint32_t events, std::uint64_t data) const {
    epoll_event event{events, {.u64 = data}};
    return epoll_ctl(fd, operation, target, &event);
  }
  /// What is ready now, at most `most` of it.
  std::vector<epoll_event> ready(int most = 16, int timeout_ms = 0) const {
    std::vector<epoll_event> events(static_cast<std::size_t>(most));
    const int n = epoll_wait(fd, events.data(), most, timeout_ms);
    EXPECT_NE(n, -1);
    events.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return events;
  }
  /// The bits of the only ready entry, 0 if there is none.
  std::uint32_t only(int timeout_ms = 0) const {
    const auto events = ready(16, timeout_ms);
    EXPECT_LE(events.size(), 1u);
    return events.empty() ? 0 : events[0].events;
  }
  Fd fd;
};

inline void bump(int fd, std::uint64_t by = 1) { EXPECT_EQ(write(fd, &by, sizeof by), 8); }
inline std::uint64_t drain(int fd) {
  std::uint64_t count = 0;
  return read(fd, &count, sizeof count) == 8 ? count : 0;
}

}  // namespace systest
