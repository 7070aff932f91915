#include "setting.h"

#include <fcntl.h>
#include <unistd.h>

#include "check.h"
#include "files.h"

namespace systest {

Setting::Setting(const std::string& path) : path_("/proc/sys/" + path), former_(read()) {}

Setting::~Setting() { EXPECT_OK(set(former_)) << path_; }

std::string Setting::read() const { return slurp(path_.c_str()); }

int Setting::set(const std::string& value) const {
  const Fd fd{open(path_.c_str(), O_WRONLY | O_TRUNC)};
  return fd == -1 || write(fd, value.data(), value.size()) < 0 ? -1 : 0;
}

}  // namespace systest
