/// A file system of its own for each test: a fresh tmpfs, root's credentials, and short names for the calls.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "fs/vfs/open.h"
#include "fs/vfs/operations.h"
#include "test/unit/support/host_threads.h"

namespace k::test {

class VfsTest : public ::testing::Test {
  AsThread me_;
  /// Waits for what RCU frees of the members below: tests of memory that come later count frames.
  struct Settled {
    ~Settled();
  } settled_;

 protected:
  VfsTest();

  fs::LookupContext context() const { return {*fs_, *who_}; }
  static fs::WalkBase here() { return fs::WalkBase::cwd(); }
  /// From now on acts as `uid` with group `gid` and no capability.
  void become(fs::Uid uid, fs::Gid gid);
  void become_root();

  Result<void> mkdir(std::string_view path, std::uint32_t mode = 0755) {
    return fs::make_directory(context(), here(), path, mode);
  }
  Result<void> symlink(std::string_view target, std::string_view path) {
    return fs::make_symlink(context(), target, here(), path);
  }
  Result<void> unlink(std::string_view path) { return fs::unlink(context(), here(), path); }
  Result<void> rmdir(std::string_view path) { return fs::remove_directory(context(), here(), path); }
  Result<void> link(std::string_view from, std::string_view to) {
    const fs::PathRef source = TRY(fs::lookup(context(), here(), from, {.last_symlink = fs::LastSymlink::keep}));
    return fs::link(context(), source, here(), to);
  }
  Result<void> rename(std::string_view from, std::string_view to, unsigned flags = 0) {
    TRY(fs::check_rename_flags(lib::Flags{flags}));
    const fs::ParentPath source = TRY(fs::lookup_parent(context(), here(), from));
    const fs::ParentPath target = TRY(fs::lookup_parent(context(), here(), to));
    return fs::rename(context(), source, target, lib::Flags{flags});
  }
  Result<Ref<fs::File>> open(std::string_view path, unsigned flags, std::uint32_t mode = 0644) {
    return fs::open(context(), here(), path, {.flags = lib::Flags{flags}, .mode = mode});
  }
  Result<fs::PathRef> find(std::string_view path, fs::LastSymlink last = fs::LastSymlink::follow) {
    return fs::lookup(context(), here(), path, {.last_symlink = last});
  }
  Result<void> write_file(std::string_view path, std::string_view text);
  std::string read_file(std::string_view path);
  std::vector<std::string> names_in(std::string_view directory);
  std::vector<std::string> names_in(fs::File& directory);
  std::uint32_t mode_of(std::string_view path) { return find(path)->inode().mode(); }
  std::uint32_t links_of(std::string_view path) { return find(path)->inode().links(); }

  Ref<fs::FsContext> fs_;
  Ref<fs::Credentials> who_;
};

std::string read_all(fs::File& file);
Result<std::size_t> write_text(fs::File& file, std::string_view text);
Ref<fs::FsContext> fresh_tmpfs(std::string_view options = {});

}  // namespace k::test

/// EXPECT that a Result is this error.
#define EXPECT_ERRNO(expr, name)                                   \
  do {                                                             \
    const auto ht_outcome = (expr);                                \
    ASSERT_FALSE(ht_outcome.has_value()) << #expr " succeeded";    \
    EXPECT_EQ(ht_outcome.error(), ::k::lib::Errno::name) << #expr; \
  } while (false)
#define ASSERT_OK(expr)                                                                              \
  do {                                                                                               \
    const auto ht_outcome = (expr);                                                                  \
    ASSERT_TRUE(ht_outcome.has_value()) << #expr ": errno " << static_cast<int>(ht_outcome.error()); \
  } while (false)
#define EXPECT_OK(expr)                                                                              \
  do {                                                                                               \
    const auto ht_outcome = (expr);                                                                  \
    EXPECT_TRUE(ht_outcome.has_value()) << #expr ": errno " << static_cast<int>(ht_outcome.error()); \
  } while (false)
