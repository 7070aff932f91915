#include "ipc/mqueue/mqueue.h"

#include <linux/fcntl.h>

#include "fs/vfs/create.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"

namespace k::ipc::mqueue {
namespace {

constexpr std::uint64_t kMagic = 0x19800202;  // Source: statfs(2), MQUEUE_MAGIC

class MqueueFs final : public fs::Superblock {
 public:
  static Result<Ref<fs::Superblock>> create(const fs::FilesystemType& type) {
    auto* made = new (std::nothrow) MqueueFs(type);
    if (made == nullptr) return err(Errno::nomem);
    auto held = Ref<fs::Superblock>::adopt(*made);
    auto* root = new (std::nothrow) QueueDirectory(*made);
    if (root == nullptr) return err(Errno::nomem);
    TRY(made->set_root(Ref<fs::Inode>::adopt(*root)));
    made->set_internal();
    return held;
  }
  Result<void> remount(std::string_view options) override {
    return options.empty() ? Result<void>{} : err(Errno::inval);
  }

 private:
  explicit MqueueFs(const fs::FilesystemType& type) : Superblock(type, kMagic, fs::Entries::in_dentry_cache) {}
};

constinit fs::Mount* own_mount = nullptr;  // the kernel's own, for good

Result<Ref<fs::Superblock>> mount_instance(const fs::FilesystemType&, const fs::MountRequest& request) {
  if (!request.options.empty()) return err(Errno::inval);
  return Ref<fs::Superblock>::share(own_mount->superblock());
}

constinit fs::FilesystemType type{"mqueue", &mount_instance};

fs::PathRef top() { return fs::PathRef::share({own_mount, &own_mount->root()}); }

/// A single component, looked up by who may search the directory.
Result<fs::Name> checked(const fs::LookupContext& context, std::string_view text) {
  if (text.empty()) return err(Errno::noent);
  const fs::Name name = fs::Name::of(text);
  if (name.is_dot() || name.is_dot_dot() || text.find('/') != text.npos) return err(Errno::acces);
  if (text.size() > fs::Name::kMaxLength) return err(Errno::nametoolong);
  TRY(fs::may_access(*own_mount->root().inode(), context.credentials, fs::Access::execute));
  return name;
}

Result<void> may_open(const fs::LookupContext& context, const fs::Inode& queue, lib::Flags flags) {
  using fs::Access;
  if (flags.has(O_CREAT | O_EXCL)) return err(Errno::exist);
  switch (flags.bits() & O_ACCMODE) {
    case O_RDONLY:
      return fs::may_access(queue, context.credentials, Access::read);
    case O_WRONLY:
      return fs::may_access(queue, context.credentials, Access::write);
    case O_RDWR:
      return fs::may_access(queue, context.credentials, fs::AccessSet{Access::read} | Access::write);
    default:
      return err(Errno::inval);
  }
}

Result<Ref<fs::Dentry>> make_queue(const fs::LookupContext& context, RefOrNull<fs::Dentry> negative,
                                   const fs::Name& name, const OpenHow& how) {
  if (!how.flags.has(O_CREAT)) return err(Errno::noent);
  auto& directory = static_cast<QueueDirectory&>(*own_mount->root().inode());
  TRY(fs::may_create_in(*own_mount, directory, context.credentials));
  auto entry = negative ? Ref<fs::Dentry>::adopt(*negative.leak()) : TRY(fs::negative_entry(own_mount->root(), name));
  const fs::NewNode node = fs::node_for(context, directory, S_IFREG, how.mode);
  fs::publish_entry(*entry, TRY(directory.create(*entry, node, how.capacity.value_or(default_capacity()))));
  return entry;
}

Result<Ref<fs::Dentry>> find_or_make(const fs::LookupContext& context, const fs::Name& name, const OpenHow& how) {
  sync::LockHeld held{own_mount->root().inode()->directory()->entries_lock()};
  RefOrNull<fs::Dentry> entry = TRY(fs::find_entry(own_mount->root(), name));
  if (!entry || entry->is_negative()) return make_queue(context, std::move(entry), name, how);
  TRY(may_open(context, *entry->inode(), how.flags));
  return Ref<fs::Dentry>::adopt(*entry.leak());
}

}  // namespace

Result<void> init() {
  Ref<fs::Superblock> superblock = TRY(MqueueFs::create(type));
  auto root = Ref<fs::Dentry>::share(superblock->root());
  own_mount = TRY(fs::Mount::create(std::move(superblock), std::move(root), "mqueue", 0)).leak();
  fs::FilesystemType::add(type);
  return {};
}

Result<Ref<fs::File>> open(const fs::LookupContext& context, std::string_view text, const OpenHow& how) {
  const fs::Name name = TRY(checked(context, text));
  auto memory = TRY(QueueFile::Memory::take());
  auto entry = TRY(find_or_make(context, name, how));
  const fs::PathRef path{Ref<fs::Mount>::share(*own_mount), std::move(entry)};
  auto file = QueueFile::create(path, how.flags, &memory);
  fs::notify_file(path.dentry(), IN_OPEN);
  return file;
}

Result<void> unlink(const fs::LookupContext& context, std::string_view text) {
  TRY(checked(context, text));
  const fs::PathRef directory = top();
  return fs::unlink(context, fs::WalkBase{directory.view()}, text);
}

}  // namespace k::ipc::mqueue
