/// A file below /proc/sys that a test changes.
#pragma once

#include <string>

namespace systest {

/// Gets its former value back at the end of the test.
class Setting {
 public:
  /// `path` is below /proc/sys.
  explicit Setting(const std::string& path);
  ~Setting();
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

  std::string read() const;
  /// -1 with errno set when the kernel refuses the value. Opens as a shell's redirection does.
  int set(const std::string& value) const;

 private:
  std::string path_, former_;
};

}  // namespace systest
