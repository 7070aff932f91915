#include "files.h"

#include <climits>

#include "check.h"

namespace systest {

PipeEnds make_pipe(int flags) {
  int fds[2] = {-1, -1};
  EXPECT_OK(pipe2(fds, flags));
  return {Fd{fds[0]}, Fd{fds[1]}};
}

void put(const char* path, std::string_view contents, mode_t mode) {
  Fd fd{open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  ASSERT_OK(int{fd}) << path;
  ASSERT_EQ(write(fd, contents.data(), contents.size()), (ssize_t)contents.size());
  ASSERT_OK(fchmod(fd, mode));
}

std::string slurp(const char* path) {
  Fd fd{open(path, O_RDONLY | O_CLOEXEC)};
  if (fd == -1) return std::string("<") + strerrorname_np(errno) + ">";
  std::string all;
  for (std::string part = read_some(fd); !part.empty(); part = read_some(fd)) all += part;
  return all;
}

std::string read_some(int fd) {
  std::string buffer(65536, '\0');
  const ssize_t length = read(fd, buffer.data(), buffer.size());
  buffer.resize(length > 0 ? length : 0);
  return buffer;
}

struct stat stat_of(const char* path) {
  struct stat st{};
  EXPECT_OK(lstat(path, &st)) << path;
  return st;
}

mode_t mode_of(const char* path) { return stat_of(path).st_mode & 07777; }

const char* own_path() {
  static char path[PATH_MAX];
  if (path[0] == '\0' && readlink("/proc/self/exe", path, sizeof path - 1) == -1) return "";
  return path;
}

}  // namespace systest
