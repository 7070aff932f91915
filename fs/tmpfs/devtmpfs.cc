#include "fs/tmpfs/devtmpfs.h"

#include "fs/tmpfs/tmpfs.h"
#include "fs/vfs/char_device.h"
#include "fs/vfs/operations.h"

namespace k::fs {
namespace {

class Devtmpfs final : public TmpfsSuperblock {
 public:
  static Result<Ref<Superblock>> create(const FilesystemType& type) {
    TmpfsOptions options = usual_options(type);
    options.mode = 0755;
    auto* sb = new (std::nothrow) Devtmpfs(type, options);
    if (sb == nullptr) return err(Errno::nomem);
    auto held = Ref<Superblock>::adopt(*sb);
    TRY(init(*sb));
    return held;
  }

 private:
  using TmpfsSuperblock::TmpfsSuperblock;
};

/// The instance, and the view of it in which nodes are made: the kernel's own, with a mount that is in no table.
struct Instance {
  Ref<Superblock> superblock;
  Ref<FsContext> context;
  Ref<Credentials> credentials;
};
constinit Instance* instance = nullptr;

Result<Ref<Superblock>> mount_instance(const FilesystemType&, const MountRequest&) { return instance->superblock; }

/// The directories of "input/mice" and the like.
Result<void> make_parents(const LookupContext& context, std::string_view name) {
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
    const auto made = make_directory(context, WalkBase::cwd(), name.substr(0, slash), 0755);
    if (!made && made.error() != Errno::exist) return made;
  }
  return {};
}

Result<void> make_device_node(const CharDevice& device) {
  if (device.name.empty()) return {};
  const LookupContext context{*instance->context, *instance->credentials};
  TRY(make_parents(context, device.name));
  const auto made = make_node(context, WalkBase::cwd(), device.name, S_IFCHR | device.mode, device.number);
  return !made && made.error() == Errno::exist ? Result<void>{} : made;
}

}  // namespace

Result<void> register_devtmpfs() {
  static constinit FilesystemType type{"devtmpfs", &mount_instance};
  auto superblock = TRY(Devtmpfs::create(type));
  auto root = Ref<Dentry>::share(superblock->root());
  auto mount = TRY(Mount::create(superblock, root, "devtmpfs", 0));
  auto context = TRY(FsContext::create(PathRef{std::move(mount), std::move(root)}));
  context->set_umask(0);
  auto credentials = TRY(Credentials::create_root());
  auto made = TRY(make<Instance>(std::move(superblock), std::move(context), std::move(credentials)));
  instance = made.release();
  FilesystemType::add(type);
  return watch_char_devices(&make_device_node);
}

}  // namespace k::fs
