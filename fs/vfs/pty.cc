#include "fs/vfs/pty.h"

namespace k::fs {
namespace {
constinit std::atomic<PtyMaker> pty_maker{nullptr};
}

void set_pty_maker(PtyMaker maker) { pty_maker.store(maker, std::memory_order_release); }

Result<PtyPair> make_pty(const OpenRequest& ptmx, Ref<PtyEntry> entry) {
  const PtyMaker maker = pty_maker.load(std::memory_order_acquire);
  if (maker == nullptr) return err(Errno::nodev);
  return maker(ptmx, std::move(entry));
}

}  // namespace k::fs
