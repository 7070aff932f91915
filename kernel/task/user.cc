#include "kernel/task/user.h"

#include "kernel/sync/guarded.h"

namespace k::task {
namespace {

using Users = lib::Queue<User, &User::node>;
constinit Guarded<Users, sync::Rank::users> g_users;

/// A list is enough: it is as long as there are user IDs at work, and fork finds its user without it.
User* find_live(Users& users, std::uint32_t uid) {
  for (User* user = users.front(); user != nullptr; user = Users::next(*user)) {
    if (user->uid() == uid && user->try_ref()) return user;
  }
  return nullptr;
}

}  // namespace

Result<Ref<User>> User::find_or_create(std::uint32_t uid) {
  {
    Locked users{g_users};
    if (User* found = find_live(*users, uid)) return Ref<User>::adopt(*found);
  }
  auto fresh = TRY(make_ref<User>(uid));
  Locked users{g_users};
  if (User* found = find_live(*users, uid)) return Ref<User>::adopt(*found);
  users->push_back(*fresh);
  fresh->listed_ = true;
  return fresh;
}

void User::on_last_ref() {
  if (listed_) {
    Locked users{g_users};
    users->erase(*this);
  }
  delete this;
}

}  // namespace k::task
