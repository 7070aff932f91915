#include "fs/vfs/path.h"

#include "fs/vfs/dentry_cache.h"

namespace k::fs {
namespace {

/// Fills a buffer from its end towards its start.
class BackwardText {
 public:
  explicit BackwardText(std::span<char> out) : out_(out), start_(out.size()) {}
  bool prepend(std::string_view text) {
    if (text.size() > start_) return false;
    start_ -= text.size();
    text.copy(out_.data() + start_, text.size());
    return true;
  }
  std::string_view text() const { return {out_.data() + start_, out_.size() - start_}; }

 private:
  std::span<char> out_;
  std::size_t start_;
};

/// One try, in an RCU read section. False when `out` is too small.
bool print_once(PathView at, PathView root, BackwardText& out) {
  const Dentry& file = *at.dentry;
  const bool is_gone = !file.is_hashed() && !file.is_root() && !file.superblock().has_uncached_entries();
  if (is_gone && !out.prepend(" (deleted)")) return false;
  const std::size_t suffix = out.text().size();
  while (!(at == root)) {
    if (at.dentry == &at.mount->root() || at.dentry->is_root()) {
      Mount* const parent = at.mount->parent();
      Dentry* const mountpoint = at.mount->mountpoint();
      if (parent == nullptr || mountpoint == nullptr) break;
      at = {parent, mountpoint};
      continue;
    }
    if (!out.prepend(at.dentry->name()) || !out.prepend("/")) return false;
    at.dentry = at.dentry->parent();
  }
  if (out.text().size() == suffix && !out.prepend("/")) return false;
  return at == root || at.mount->superblock().is_internal() || out.prepend("(unreachable)");
}

/// The same, from the root of the file system.
bool print_entry_once(const Dentry& entry, BackwardText& out) {
  if (entry.is_root()) return out.prepend("/");
  if (!entry.is_hashed() && !out.prepend("//deleted")) return false;
  for (const Dentry* at = &entry; !at->is_root(); at = at->parent()) {
    if (!out.prepend(at->name()) || !out.prepend("/")) return false;
  }
  return true;
}

/// Tries until no entry moved meanwhile.
template <class PrintOnce>
Result<std::string_view> print(std::span<char> out, PrintOnce print_once) {
  for (;;) {
    const std::uint32_t before = DentryCache::moves();
    BackwardText text{out};
    sync::rcu::ReadGuard guard;
    const bool fits = print_once(text);
    if ((before & 1) != 0 || DentryCache::moves() != before) continue;
    if (!fits) return err(Errno::range);
    return text.text();
  }
}

}  // namespace

Result<std::string_view> print_path(PathView path, PathView root, std::span<char> out) {
  return print(out, [&](BackwardText& text) { return print_once(path, root, text); });
}

Result<std::string_view> print_path(const Dentry& entry, std::span<char> out) {
  return print(out, [&](BackwardText& text) { return print_entry_once(entry, text); });
}

}  // namespace k::fs
