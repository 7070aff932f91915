/// Short ways to make and look at files in the test's own empty directory.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace systest {

/// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (fd_ != -1) close(std::exchange(fd_, -1));
  }
  operator int() const { return fd_; }

 private:
  int fd_;
};

struct PipeEnds {
  Fd read, write;
};
PipeEnds make_pipe(int flags = 0);

/// Makes `path` with exactly these contents and this mode, whatever the umask.
void put(const char* path, std::string_view contents, mode_t mode = 0644);

/// The whole of `path`, "<ERRNO>" if it cannot be read. Works for /proc files.
std::string slurp(const char* path);

/// Up to 64 KiB from an open file by one read.
std::string read_some(int fd);

struct stat stat_of(const char* path);
mode_t mode_of(const char* path);

/// The path of this very program, for exec of it.
const char* own_path();

}  // namespace systest
