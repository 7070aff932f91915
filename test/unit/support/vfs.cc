#include "test/unit/support/vfs.h"

#include "fs/tmpfs/tmpfs.h"
#include "fs/vfs/dentry_cache.h"
#include "ipc/pipe_file.h"
#include "kernel/sync/rcu.h"
#include "test/unit/support/frames.h"

namespace k::test {
namespace {

void start_vfs() {
  static const bool started = [] {
    use_host_ram();
    fs::register_tmpfs();
    return start_rcu() && fs::DentryCache::init(1024).has_value() && ipc::init().has_value();
  }();
  ASSERT_TRUE(started);
}

class NameCollector final : public fs::DirectorySink {
 public:
  explicit NameCollector(std::vector<std::string>& out) : out_(out) {}
  bool add(std::string_view name, std::uint64_t, fs::FileType, std::uint64_t) override {
    out_.emplace_back(name);
    return true;
  }

 private:
  std::vector<std::string>& out_;
};

}  // namespace

Ref<fs::FsContext> fresh_tmpfs(std::string_view options) {
  start_vfs();
  auto superblock = fs::FilesystemType::find("tmpfs")->mount({.options = options}).value();
  auto root = Ref<fs::Dentry>::share(superblock->root());
  auto mount = fs::Mount::create(superblock, root, "test", 1u << 21 /* MS_RELATIME */).value();
  auto context = fs::FsContext::create(fs::PathRef{mount, root}).value();
  context->set_umask(0);
  return context;
}

VfsTest::Settled::~Settled() { sync::rcu::barrier(); }

VfsTest::VfsTest() : fs_(fresh_tmpfs("mode=755")), who_(fs::Credentials::create_root().value()) {}

void VfsTest::become(fs::Uid uid, fs::Gid gid) {
  who_ = fs::Credentials::create_root().value();
  who_->uid = who_->euid = who_->suid = who_->fsuid = uid;
  who_->gid = who_->egid = who_->sgid = who_->fsgid = gid;
  who_->effective = who_->permitted = {};
}
void VfsTest::become_root() { who_ = fs::Credentials::create_root().value(); }

Result<std::size_t> write_text(fs::File& file, std::string_view text) {
  IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
  return file.write_next(from, {});
}

std::string read_all(fs::File& file) {
  std::string text;
  for (;;) {
    std::array<char, 1000> piece;
    IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span<char>{piece}));
    const auto n = file.read_next(to);
    if (!n || *n == 0) return text;
    text.append(piece.data(), *n);
  }
}

Result<void> VfsTest::write_file(std::string_view path, std::string_view text) {
  auto file = TRY(open(path, O_WRONLY | O_CREAT | O_TRUNC));
  TRY(write_text(*file, text));
  return {};
}

std::string VfsTest::read_file(std::string_view path) {
  auto file = open(path, O_RDONLY);
  return file ? read_all(**file) : std::string{"<cannot open>"};
}

std::vector<std::string> VfsTest::names_in(fs::File& directory) {
  std::vector<std::string> names;
  NameCollector collector{names};
  EXPECT_TRUE(directory.read_entries(collector).has_value());
  return names;
}
std::vector<std::string> VfsTest::names_in(std::string_view directory) {
  auto file = open(directory, O_RDONLY | O_DIRECTORY);
  return file ? names_in(**file) : std::vector<std::string>{};
}

}  // namespace k::test
