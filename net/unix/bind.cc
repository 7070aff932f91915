// Names of AF_UNIX sockets: bind, autobind, look-up.
#include "fs/vfs/create.h"
#include "fs/vfs/permission.h"
#include "kernel/lib/format.h"
#include "net/socket/socket_file.h"
#include "net/unix/unix_names.h"

namespace k::net {

Result<void> UnixSocket::bind(const NamedRequest& request) {
  if (request.address.length == UnixAddress::kFamilyBytes && request.address.family() == abi::kAfUnix)
    return bind_any();
  const UnixName name = TRY(UnixName::parse(request.address));
  sync::LockHeld held{setup_};
  if (address() != nullptr) return err(Errno::inval);
  return name.is_abstract() ? bind_abstract(name.text()) : bind_path(name, request.names);
}

/// The new name has the permissions of the descriptor's own inode, less the umask.
Result<void> UnixSocket::bind_path(const UnixName& name, const fs::LookupContext& names) {
  auto address = TRY(UnixAddress::create(name.text()));
  const std::uint32_t permissions = file_.load(std::memory_order_relaxed)->inode().permissions();
  const fs::ParentPath parent = TRY(fs::lookup_parent(names, fs::WalkBase::cwd(), name.text()));
  auto made = fs::create_entry(names, parent, fs::NewNode{.mode = S_IFSOCK | permissions});
  if (!made) return err(made.error() == Errno::exist ? Errno::addrinuse : made.error());
  place_.emplace(Ref<fs::Mount>::share(parent.directory.mount()), std::move(*made));
  address_.store(address.leak(), std::memory_order_release);
  (void)place_->inode().attach(Ref<fs::InodeAttachment>::share(*this));
  return {};
}

Result<void> UnixSocket::bind_abstract(std::string_view text) {
  return UnixNames::add(*this, TRY(UnixAddress::create(text)));
}

/// An abstract name of five hexadecimal digits. Source: unix(7), "Autobind feature".
Result<void> UnixSocket::bind_any() {
  static constinit std::atomic<std::uint32_t> next{0};
  constexpr std::uint32_t kNames = 1u << 20;
  sync::LockHeld held{setup_};
  if (address() != nullptr) return {};
  for (std::uint32_t tries = 0; tries < kNames; ++tries) {
    char text[6];
    text[0] = '\0';
    (void)lib::format_to(std::span{text}.subspan(1), "{:05x}", next.fetch_add(1) % kNames);
    const auto bound = bind_abstract({text, sizeof text});
    if (bound || bound.error() != Errno::addrinuse) return bound;
  }
  return err(Errno::nospc);
}

/// Who passes credentials must have a name to answer to.
Result<void> UnixSocket::bind_any_if_identified() {
  if (!options().is_on(SO_PASSCRED) || address() != nullptr) return {};
  return bind_any();
}

Result<Ref<UnixSocket>> UnixSocket::find(const UnixName& name, const fs::LookupContext& names, int type) {
  if (name.is_abstract()) {
    auto found = UnixNames::find(type, name.text());
    if (!found) return err(Errno::connrefused);
    return Ref<UnixSocket>::adopt(*found.leak());
  }
  if (name.is_empty()) return err(Errno::connrefused);
  const fs::PathRef place = TRY(fs::lookup(names, fs::WalkBase::cwd(), name.text()));
  TRY(fs::may_access(place.mount(), place.inode(), names.credentials, fs::Access::write));
  if (!place.inode().is(fs::FileType::socket)) return err(Errno::connrefused);
  auto there = place.inode().attachment();
  if (!there) return err(Errno::connrefused);
  auto found = Ref<UnixSocket>::adopt(static_cast<UnixSocket&>(*there.leak()));
  if (found->type() != type) return err(Errno::prototype);
  return found;
}

/// A pathname stays behind, and refuses connections from now on.
void UnixSocket::drop_name() {
  const UnixAddress* const mine = address();
  if (mine == nullptr) return;
  if (place_) {
    place_->inode().detach(*this);
    place_.reset();
  } else if (is_named_) {
    UnixNames::remove(*this, mine->text());
  }
}

}  // namespace k::net
