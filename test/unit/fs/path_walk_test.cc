#include <linux/openat2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

#include "fs/vfs/mount_table.h"
#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using k::Errno;
using k::test::VfsTest;

namespace {

/// A tree as path_resolution(7) describes it, resolved in the plainest way.
struct Node {
  char kind;  // d, f, l
  std::string target;
  std::map<std::string, std::shared_ptr<Node>> entries;
  Node* parent = nullptr;
};

class Model {
 public:
  Model() { root.parent = &root; }
  Node root{'d', {}, {}, nullptr};

  struct Outcome {
    Node* node = nullptr;
    Errno error{};
  };
  Outcome resolve(const std::string& path, bool follow_last) {
    links_ = 0;
    if (path.empty()) return {nullptr, Errno::noent};
    return walk(&root, path, follow_last);
  }

 private:
  Outcome walk(Node* at, std::string path, bool follow_last) {
    if (path.starts_with('/')) at = &root;
    for (;;) {
      const std::size_t start = path.find_first_not_of('/');
      if (start == std::string::npos) {
        if (!path.empty() && at->kind != 'd') return {nullptr, Errno::notdir};
        return {at, {}};
      }
      path = path.substr(start);
      if (at->kind != 'd') return {nullptr, Errno::notdir};
      const std::string name = path.substr(0, path.find('/'));
      path = path.substr(name.size());
      const bool last = path.empty();
      if (name == ".") continue;
      if (name == "..") {
        at = at->parent;
        continue;
      }
      const auto found = at->entries.find(name);
      if (found == at->entries.end()) return {nullptr, Errno::noent};
      Node* next = found->second.get();
      if (next->kind == 'l' && (!last || follow_last)) {
        if (++links_ > 40) return {nullptr, Errno::loop};
        const Outcome there = walk(at, next->target, true);
        if (there.node == nullptr) return there;
        next = there.node;
      }
      at = next;
      if (last) return {at, {}};
    }
  }
  int links_ = 0;
};

struct PathWalkTest : VfsTest {
  Model model;

  std::string any_path(std::mt19937& random) {
    static constexpr const char* kNames[] = {"a", "b", "c", "d", "longer-than-eight", ".", "..", "l1", "l2", "x"};
    std::string path = random() % 5 == 0 ? "/" : "";
    for (unsigned i = 0, n = 1 + random() % 4; i < n; ++i) {
      path += kNames[random() % std::size(kNames)];
      path += i + 1 < n || random() % 8 == 0 ? std::string(1 + random() % 2, '/') : "";
    }
    return path;
  }

  void make(Node& directory, const std::string& where, const std::string& name, std::mt19937& random, int depth) {
    if (directory.entries.contains(name)) return;
    auto node = std::make_shared<Node>();
    node->parent = &directory;
    const unsigned kind = random() % 4;
    const std::string path = where + name;
    if (kind < 2 && depth < 4) {
      node->kind = 'd';
      ASSERT_TRUE(mkdir(path).has_value());
    } else if (kind == 2) {
      node->kind = 'l';
      node->target = any_path(random);
      ASSERT_TRUE(symlink(node->target, path).has_value());
    } else {
      node->kind = 'f';
      ASSERT_TRUE(write_file(path, "").has_value());
    }
    directory.entries[name] = node;
    if (node->kind != 'd') return;
    for (const char* inner : {"a", "b", "c", "d", "longer-than-eight", "l1", "l2"}) {
      if (random() % 2 == 0) make(*node, path + "/", inner, random, depth + 1);
    }
  }

  /// What the model's node is called in the file system, by way of its inode.
  void expect_same(const std::string& path, bool follow) {
    const Model::Outcome expected = model.resolve(path, follow);
    const auto found = find(path, follow ? fs::LastSymlink::follow : fs::LastSymlink::keep);
    if (expected.node == nullptr) {
      ASSERT_FALSE(found.has_value()) << path;
      ASSERT_EQ(found.error(), expected.error) << path;
      return;
    }
    ASSERT_TRUE(found.has_value()) << path << ": errno " << static_cast<int>(found.error());
    const char kind = found->inode().is(fs::FileType::directory) ? 'd'
                      : found->inode().is(fs::FileType::symlink) ? 'l'
                                                                 : 'f';
    ASSERT_EQ(kind, expected.node->kind) << path;
    const auto [at, added] = same_.try_emplace(expected.node, &found->inode());
    ASSERT_EQ(at->second, &found->inode()) << path;
  }

 private:
  std::map<Node*, fs::Inode*> same_;
};

TEST_F(PathWalkTest, FindsWhatAPlainWalkFinds) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    std::mt19937 random{seed};
    for (const char* name : {"a", "b", "c", "d", "longer-than-eight", "l1", "l2"})
      make(model.root, "", name, random, 0);
    for (int i = 0; i < 3'000; ++i) {
      expect_same(any_path(random), random() % 2 == 0);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(PathWalkTest, FortyLinksAreFollowedAndNoMore) {
  EXPECT_OK(write_file("t", ""));
  std::string before = "t";
  for (int i = 1; i <= 41; ++i) {
    const std::string name = "k" + std::to_string(i);
    EXPECT_OK(symlink(before, name));
    before = name;
  }
  EXPECT_OK(find("k40"));
  EXPECT_ERRNO(find("k41"), loop);
  EXPECT_OK(symlink("self", "self"));
  EXPECT_ERRNO(find("self"), loop);
}

TEST_F(PathWalkTest, NamesAndPathsHaveTheirLimits) {
  const std::string longest(255, 'n');
  EXPECT_OK(write_file(longest, ""));
  EXPECT_OK(find(longest));
  EXPECT_ERRNO(find(longest + "n"), nametoolong);
  EXPECT_ERRNO(find(""), noent);
}

TEST_F(PathWalkTest, ATrailingSlashAsksForADirectory) {
  EXPECT_OK(write_file("f", ""));
  EXPECT_OK(mkdir("d"));
  EXPECT_OK(symlink("d", "ld"));
  EXPECT_OK(symlink("f", "lf"));
  EXPECT_ERRNO(find("f/"), notdir);
  EXPECT_ERRNO(find("f/."), notdir);
  EXPECT_ERRNO(find("lf/"), notdir);
  EXPECT_TRUE(find("ld/", fs::LastSymlink::keep)->inode().is(fs::FileType::directory));
  EXPECT_TRUE(find("ld", fs::LastSymlink::keep)->inode().is(fs::FileType::symlink));
  EXPECT_OK(mkdir("new/"));
  EXPECT_ERRNO(open("new-file/", O_CREAT | O_WRONLY), isdir);
  EXPECT_ERRNO(unlink("f/"), notdir);
  EXPECT_ERRNO(rmdir("d/."), inval);
  EXPECT_ERRNO(rmdir("d/.."), notempty);
}

TEST_F(PathWalkTest, SearchNeedsExecutePermissionOnEveryDirectory) {
  EXPECT_OK(mkdir("open"));
  EXPECT_OK(mkdir("open/shut", 0700));
  EXPECT_OK(write_file("open/shut/f", ""));
  become(1000, 1000);
  EXPECT_OK(find("open"));
  EXPECT_OK(find("open/shut"));
  EXPECT_ERRNO(find("open/shut/f"), acces);
  EXPECT_ERRNO(find("open/shut/.."), acces);
  EXPECT_ERRNO(find("open/shut/nothing"), acces);
}

TEST_F(PathWalkTest, NothingClimbsAboveTheRoot) {
  EXPECT_OK(mkdir("jail"));
  EXPECT_OK(mkdir("jail/in"));
  EXPECT_OK(symlink("/../../in", "jail/up"));
  const fs::PathRef jail = find("jail").value();
  EXPECT_OK(fs_->set_root(jail));
  EXPECT_OK(fs_->set_cwd(jail));
  EXPECT_EQ(&find("../../..")->dentry(), &jail.dentry());
  EXPECT_EQ(&find("up")->dentry(), &find("/in")->dentry());
}

TEST_F(PathWalkTest, OpenatTwoConfinesTheWalk) {
  EXPECT_OK(mkdir("box"));
  EXPECT_OK(mkdir("box/sub"));
  EXPECT_OK(write_file("box/sub/f", "in"));
  EXPECT_OK(write_file("outside", "out"));
  EXPECT_OK(symlink("/sub/f", "box/absolute"));
  EXPECT_OK(symlink("../outside", "box/leak"));
  const fs::PathRef box = find("box").value();
  const auto opened = [&](std::string_view path, unsigned resolve) {
    return fs::open(context(), fs::WalkBase{box.view()}, path, {.flags = k::lib::Flags{O_RDONLY}, .resolve = resolve});
  };
  EXPECT_OK(opened("leak", 0));
  EXPECT_ERRNO(opened("leak", RESOLVE_BENEATH), xdev);
  EXPECT_ERRNO(opened("..", RESOLVE_BENEATH), xdev);
  EXPECT_ERRNO(opened("absolute", RESOLVE_BENEATH), xdev);
  EXPECT_OK(opened("absolute", RESOLVE_IN_ROOT));
  EXPECT_ERRNO(opened("leak", RESOLVE_IN_ROOT), noent);
  EXPECT_ERRNO(opened("leak", RESOLVE_NO_SYMLINKS), loop);
  EXPECT_OK(opened("sub/../sub/f", RESOLVE_BENEATH));
}

TEST_F(PathWalkTest, PathsPrintAsSeenFromTheRoot) {
  EXPECT_OK(mkdir("a"));
  EXPECT_OK(mkdir("a/b"));
  std::array<char, 64> room;
  const fs::PathRef root = fs_->root_ref(), b = find("a/b").value(), a = find("a").value();
  EXPECT_EQ(fs::print_path(b.view(), root.view(), room).value(), "/a/b");
  EXPECT_EQ(fs::print_path(root.view(), root.view(), room).value(), "/");
  EXPECT_EQ(fs::print_path(b.view(), a.view(), room).value(), "/b");
  EXPECT_ERRNO(fs::print_path(b.view(), root.view(), std::span{room}.first(3)), range);
  EXPECT_OK(rmdir("a/b"));
  EXPECT_EQ(fs::print_path(b.view(), root.view(), room).value(), "/a/b (deleted)");
}

TEST_F(PathWalkTest, LookUpsDuringRenamesFindTheFileUnderOneNameOrTheOther) {
  EXPECT_OK(mkdir("p"));
  EXPECT_OK(mkdir("q"));
  EXPECT_OK(write_file("p/name-one", "x"));
  fs::Inode* const inode = &find("p/name-one")->inode();
  std::atomic<bool> stop{false};
  k::test::HostThread reader{[&] {
    while (!stop) {
      for (const char* path : {"p/name-one", "q/name-two"}) {
        const auto found = find(path);
        if (found) {
          EXPECT_EQ(&found->inode(), inode);
        } else {
          EXPECT_EQ(found.error(), Errno::noent);
        }
      }
      k::sync::rcu::quiescent();
    }
  }};
  for (int i = 0; i < 500; ++i) {
    EXPECT_OK(rename("p/name-one", "q/name-two"));
    EXPECT_OK(rename("q/name-two", "p/name-one"));
    k::sync::rcu::quiescent();
  }
  stop = true;
}

}  // namespace
