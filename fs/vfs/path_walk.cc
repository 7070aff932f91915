#include "fs/vfs/path_walk.h"

#include "fs/vfs/rcu_walk.h"
#include "fs/vfs/ref_walk.h"

namespace k::fs {
namespace {

void add_place(PathView place, Attributes& out) {
  out.mount_id = static_cast<std::uint64_t>(place.mount->id());
  out.is_mount_root = place.dentry == &place.mount->root();
}

/// What the RCU walk has to say: an answer, or that references are needed.
bool is_final(const Result<void>& outcome) { return outcome || outcome.error() != kNeedsReferences; }

Result<void> check_start(WalkBase base, std::string_view path, WalkPolicy policy) {
  if (path.empty() && policy.empty_path == EmptyPath::refuse) return err(Errno::noent);
  if (!base.is_cwd() && base.place().dentry == nullptr) return err(Errno::notdir);
  return {};
}

/// RESOLVE_CACHED: no second try. Source: openat2(2).
Result<void> may_sleep(WalkPolicy policy) {
  if ((policy.resolve & RESOLVE_CACHED) != 0) return err(Errno::again);
  return {};
}

/// A walk that must not leave its base cannot prove that when entries moved meanwhile. Source: openat2(2), RESOLVE_BENEATH.
Result<void> check_moves(WalkPolicy policy, std::uint32_t before) {
  if ((policy.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) == 0) return {};
  if (DentryCache::moves() != before) return err(Errno::again);
  return {};
}

template <class Mode>
ParentPath parent_path(const PathLoop<Mode>& loop, PathRef directory) {
  return {std::move(directory), loop.last(), loop.kind(), loop.wants_directory(), loop.links()};
}

[[gnu::noinline]] Result<PathRef> lookup_with_references(const LookupContext& context, WalkBase base,
                                                         std::string_view path, WalkPolicy policy) {
  TRY(may_sleep(policy));
  const std::uint32_t moves = DentryCache::moves();
  RefWalk walk{context, base, policy.resolve};
  PathLoop loop{walk, context, policy, Stop::after_last};
  TRY(loop.run(path));
  TRY(check_moves(policy, moves));
  return walk.at();
}

[[gnu::noinline]] Result<ParentPath> lookup_parent_with_references(const LookupContext& context, WalkBase base,
                                                                   std::string_view path, WalkPolicy policy) {
  TRY(may_sleep(policy));
  const std::uint32_t moves = DentryCache::moves();
  RefWalk walk{context, base, policy.resolve};
  PathLoop loop{walk, context, policy, Stop::before_last};
  TRY(loop.run(path));
  TRY(check_moves(policy, moves));
  return parent_path(loop, walk.at());
}

}  // namespace

Result<PathRef> lookup(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy) {
  TRY(check_start(base, path, policy));
  {
    sync::rcu::ReadGuard guard;
    RcuWalk walk{context, base, policy.resolve};
    PathLoop loop{walk, context, policy, Stop::after_last};
    const Result<void> outcome = loop.run(path);
    if (outcome) {
      if (auto found = try_share(walk.at())) return *std::move(found);
    } else if (is_final(outcome)) {
      return err(outcome.error());
    }
  }
  return lookup_with_references(context, base, path, policy);
}

Result<ParentPath> lookup_parent(const LookupContext& context, WalkBase base, std::string_view path,
                                 WalkPolicy policy) {
  TRY(check_start(base, path, policy));
  {
    sync::rcu::ReadGuard guard;
    RcuWalk walk{context, base, policy.resolve};
    PathLoop loop{walk, context, policy, Stop::before_last};
    const Result<void> outcome = loop.run(path);
    if (outcome) {
      if (auto found = try_share(walk.at())) return parent_path(loop, *std::move(found));
    } else if (is_final(outcome)) {
      return err(outcome.error());
    }
  }
  return lookup_parent_with_references(context, base, path, policy);
}

Result<void> lookup_attributes(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy,
                               Attributes& out) {
  TRY(check_start(base, path, policy));
  {
    sync::rcu::ReadGuard guard;
    RcuWalk walk{context, base, policy.resolve};
    PathLoop loop{walk, context, policy, Stop::after_last};
    const Result<void> outcome = loop.run(path);
    if (!outcome && is_final(outcome)) return outcome;
    if (outcome && !walk.inode().has_dynamic_attributes()) {
      out = walk.inode().stored_attributes();
      add_place(walk.at(), out);
      return {};
    }
  }
  const PathRef found = TRY(lookup_with_references(context, base, path, policy));
  out = found.inode().read_attributes();
  add_place(found.view(), out);
  return {};
}

}  // namespace k::fs
