#include "fs/vfs/credentials.h"

#include <algorithm>

namespace k::fs {

Result<Ref<GroupList>> GroupList::create(std::span<const Gid> groups) {
  Gid* members = nullptr;
  if (!groups.empty()) {
    members = static_cast<Gid*>(lib::allocate(groups.size_bytes(), alignof(Gid)));
    if (members == nullptr) return err(Errno::nomem);
    std::copy(groups.begin(), groups.end(), members);
    std::sort(members, members + groups.size(), [](Gid a, Gid b) { return a < b; });
  }
  auto* list = new (std::nothrow) GroupList(members, groups.size());
  if (list == nullptr) {
    lib::deallocate(members);
    return err(Errno::nomem);
  }
  return Ref<GroupList>::adopt(*list);
}

bool GroupList::contains(Gid gid) const { return std::binary_search(members_, members_ + count_, gid); }

void GroupList::on_last_ref() {
  lib::deallocate(members_);
  delete this;
}

Result<Ref<Credentials>> Credentials::create_root() {
  auto root = TRY(make_ref<Credentials>());
  root->effective = root->permitted = CapabilitySet::all();
  return root;
}

Result<Ref<Credentials>> Credentials::copy() const {
  auto twin = TRY(make_ref<Credentials>());
  twin->uid = uid, twin->euid = euid, twin->suid = suid, twin->fsuid = fsuid;
  twin->gid = gid, twin->egid = egid, twin->sgid = sgid, twin->fsgid = fsgid;
  twin->effective = effective, twin->permitted = permitted, twin->inheritable = inheritable;
  twin->bounding = bounding, twin->ambient = ambient;
  twin->securebits = securebits;
  twin->no_new_privileges = no_new_privileges;
  twin->groups = groups;
  return twin;
}

}  // namespace k::fs
