#include "fs/vfs/seals.h"

#include "fs/vfs/regular_node.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

constexpr unsigned kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

Result<RegularNode*> sealable(const File& file) {
  RegularNode* const node = file.inode().regular();
  if (node == nullptr || !node->has_seals()) return err(Errno::inval);
  return node;
}

}  // namespace

Result<void> add_seals(const File& file, std::uint64_t seals) {
  if (seals > UINT32_MAX) return err(Errno::inval);
  if (!file.writable()) return err(Errno::perm);
  const auto wanted = static_cast<unsigned>(seals);
  if ((wanted & ~kAllSeals) != 0) return err(Errno::inval);
  RegularNode& node = *TRY(sealable(file));
  sync::LockHeld held{node.data_lock()};
  const unsigned now = node.seals();
  if ((now & F_SEAL_SEAL) != 0) return err(Errno::perm);
  if ((wanted & ~now & F_SEAL_WRITE) != 0) TRY(node.mappings().refuse_writers());
  node.set_seals(now | wanted);
  return {};
}

Result<unsigned> get_seals(const File& file) { return TRY(sealable(file))->seals(); }

Result<void> may_map_writable(const File& file) {
  const RegularNode* const node = file.inode().regular();
  if (node != nullptr && (node->seals() & F_SEAL_FUTURE_WRITE) != 0) return err(Errno::perm);
  return {};
}

bool forbids_new_writers(const File& file) { return !may_map_writable(file); }

}  // namespace k::fs
