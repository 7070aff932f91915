/// Extended attributes that no file system here keeps: xattr(7). What is wrong with a call comes before EOPNOTSUPP.
#include <sys/xattr.h>

#include "support/check.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr char kName[] = "user.colour";
const std::string kLongest = "user." + std::string(250, 'n');

class Xattr : public testing::Test {
 protected:
  void SetUp() override {
    put("file", "x");
    ASSERT_OK(symlink("nowhere", "link"));
  }
};

}  // namespace

TEST_F(Xattr, UserAttributesAreNotSupportedInMemory) {
  char value[16];
  const Fd fd{open("file", O_RDONLY)};
  EXPECT_ERRNO(EOPNOTSUPP, setxattr("file", kName, "red", 3, 0));
  EXPECT_ERRNO(EOPNOTSUPP, getxattr("file", kName, value, sizeof value));
  EXPECT_ERRNO(EOPNOTSUPP, removexattr("file", kName));
  EXPECT_ERRNO(EOPNOTSUPP, fsetxattr(fd, kName, "red", 3, XATTR_CREATE));
  EXPECT_ERRNO(EOPNOTSUPP, fgetxattr(fd, kName, value, sizeof value));
  EXPECT_ERRNO(EOPNOTSUPP, fremovexattr(fd, kName));
}

TEST_F(Xattr, ListsAreEmpty) {
  char list[16];
  const Fd fd{open("file", O_RDONLY)};
  EXPECT_EQ(listxattr("file", list, sizeof list), 0);
  EXPECT_EQ(listxattr("file", nullptr, 0), 0);
  EXPECT_EQ(llistxattr("link", list, sizeof list), 0);
  EXPECT_EQ(flistxattr(fd, list, sizeof list), 0);
}

TEST_F(Xattr, FileThatIsNotThereComesFirst) {
  EXPECT_ERRNO(ENOENT, setxattr("missing", "", "", 0, 77));
  EXPECT_ERRNO(ENOENT, getxattr("link", kName, nullptr, 0));
  EXPECT_ERRNO(ENOENT, listxattr("link", nullptr, 0));
  EXPECT_ERRNO(ENOENT, removexattr("missing", kName));
  EXPECT_ERRNO(EBADF, fgetxattr(-1, kName, nullptr, 0));
  EXPECT_ERRNO(EBADF, flistxattr(-1, nullptr, 0));
}

TEST_F(Xattr, NameThatIsEmptyOrTooLongIsErange) {
  const std::string too_long = kLongest + "n";
  for (const char* name : {"", too_long.c_str()}) {
    EXPECT_ERRNO(ERANGE, setxattr("file", name, "red", 3, 0));
    EXPECT_ERRNO(ERANGE, getxattr("file", name, nullptr, 0));
    EXPECT_ERRNO(ERANGE, removexattr("file", name));
  }
  EXPECT_ERRNO(EOPNOTSUPP, getxattr("file", kLongest.c_str(), nullptr, 0));
}

TEST_F(Xattr, UnknownFlagsAndHugeValuesAreRefused) {
  EXPECT_ERRNO(EINVAL, setxattr("file", kName, "red", 3, 4));
  const std::string huge(65537, 'v');
  EXPECT_ERRNO(E2BIG, setxattr("file", kName, huge.data(), huge.size(), 0));
  EXPECT_ERRNO(EFAULT, setxattr("file", kName, reinterpret_cast<void*>(8), 3, 0));
}
