#include <linux/mount.h>

#include <array>

#include "fs/procfs/process.h"
#include "fs/vfs/mount_table.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

class Options final : public OptionSink {
 public:
  explicit Options(TextBuffer& out) : out_(out) {}
  void add(std::string_view option) override { out_.print(",{}", option); }
  void add(std::string_view key, std::uint64_t value, std::string_view unit) override {
    out_.print(",{}={}{}", key, value, unit);
  }

 private:
  TextBuffer& out_;
};

struct FlagName {
  unsigned flag;
  std::string_view name;
};
constexpr FlagName kFlagNames[] = {
    {MS_NOSUID, "nosuid"},   {MS_NODEV, "nodev"},           {MS_NOEXEC, "noexec"},
    {MS_NOATIME, "noatime"}, {MS_NODIRATIME, "nodiratime"}, {MS_RELATIME, "relatime"},
};

void put_mount_options(TextBuffer& out, const Mount& mount) {
  out.put(mount.has(MS_RDONLY) ? "ro" : "rw");
  for (const FlagName& f : kFlagNames) {
    if (mount.has(f.flag)) out.print(",{}", f.name);
  }
}

void put_superblock_options(TextBuffer& out, const Superblock& superblock) {
  Options options{out};
  superblock.show_options(options);
}

/// Blanks and backslashes would end the field. Source: proc_pid_mountinfo(5), getmntent(3).
void put_escaped(TextBuffer& out, std::string_view text) {
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\\') {
      out.print("\\{}{}{}", static_cast<unsigned>(c) >> 6 & 7, static_cast<unsigned>(c) >> 3 & 7,
                static_cast<unsigned>(c) & 7);
    } else {
      out.put(c);
    }
  }
}

struct PathText {
  char bytes[4096];
};

/// The place of a mount. What it shows there may have lost its name meanwhile; the place has not.
Result<std::string_view> print_place(Mount& mount, const PathRef& root, std::span<char> out) {
  const sync::rcu::ReadGuard reading;
  const PathView top{&mount, &mount.root()};
  Mount* const parent = mount.parent();
  Dentry* const mountpoint = mount.mountpoint();
  const bool is_seen_from_within = root.view() == top || parent == nullptr || mountpoint == nullptr;
  return print_path(is_seen_from_within ? top : PathView{parent, mountpoint}, root.view(), out);
}

/// Calls `visit(mount, path)` for the mounts that the subject's root reaches.
template <class Visit>
Result<void> for_each_mount(const Subject& subject, Visit visit) {
  RefOrNull<FsContext> context;
  TRY(subject.with_task([&](const Task& t) { context = t.shared_fs_context(); }));
  if (!context) return err(Errno::inval);
  const PathRef root = context->root_ref();
  const Box<PathText> text = TRY(make<PathText>());
  for (RefOrNull<Mount> m = MountTable::next(nullptr); m; m = MountTable::next(m)) {
    const auto path = print_place(*m, root, text->bytes);
    if (path && !path->starts_with("(unreachable)")) visit(*m, *path);
  }
  return {};
}

}  // namespace

Result<void> show_mounts(const Subject& subject, TextBuffer& out) {
  return for_each_mount(subject, [&](const Mount& mount, std::string_view path) {
    put_escaped(out, mount.source());
    out.put(' ');
    put_escaped(out, path);
    out.print(" {} ", mount.superblock().type().name());
    put_mount_options(out, mount);
    put_superblock_options(out, mount.superblock());
    out.put(" 0 0\n");
  });
}

Result<void> show_mount_info(const Subject& subject, TextBuffer& out) {
  const Box<PathText> root = TRY(make<PathText>());
  return for_each_mount(subject, [&](const Mount& mount, std::string_view path) {
    const auto shown = print_path(mount.root(), root->bytes);
    if (!shown) return;
    const Mount* parent = mount.parent();
    const DeviceNumber device = mount.superblock().device();
    out.print("{} {} {}:{} ", mount.id(), parent == nullptr ? mount.id() : parent->id(), device.major, device.minor);
    put_escaped(out, *shown);
    out.put(' ');
    put_escaped(out, path);
    out.put(' ');
    put_mount_options(out, mount);
    out.print(" - {} ", mount.superblock().type().name());
    put_escaped(out, mount.source());
    out.put(mount.superblock().is_read_only() ? " ro" : " rw");
    put_superblock_options(out, mount.superblock());
    out.put('\n');
  });
}

}  // namespace k::fs::proc
