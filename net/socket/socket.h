/// Socket: what a protocol family implements behind the socket calls.
///
/// Invariants  family, type and protocol never change. close() is called once, when the last descriptor is gone; the object may
///             live on (a peer, a name or a protocol timer refers to it).
/// Lock order  Rank::socket_setup > Rank::socket_receive > user memory > Rank::socket.
/// Context     task context; may sleep when the request allows.
/// Errors      the calls' manual pages; the defaults answer what Linux answers for a protocol without the operation. PIPE with
///             `broken_pipe` set: the caller raises SIGPIPE unless told not to.
/// Source      socket(2), socket(7), send(2), recv(2).
#pragma once

#include <atomic>
#include <optional>

#include "fs/vfs/async_notice.h"
#include "fs/vfs/fs_context.h"
#include "fs/vfs/inode.h"
#include "kernel/sync/poll.h"
#include "mm/user/io_buffer.h"
#include "net/socket/address.h"
#include "net/socket/caller.h"
#include "net/socket/options.h"
#include "net/socket/rights.h"

namespace k::net {

class SocketFile;

struct SocketKind {
  int family, type, protocol;
};

/// What bind and connect take.
struct NamedRequest {
  const SocketAddress& address;
  const fs::LookupContext& names;
  bool blocking = true;
};

struct SendRequest {
  lib::Flags flags{};  // MSG_*
  bool blocking = true;
  const SocketAddress* to = nullptr;  // with `names`
  const fs::LookupContext* names = nullptr;
  Box<Rights> rights{};
  std::optional<Identity> credentials{};  // SCM_CREDENTIALS, checked
  bool broken_pipe = false;               // out
};

struct ReceiveRequest {
  lib::Flags flags{};  // MSG_*
  bool blocking = true;
  bool takes_ancillary = false;           // recvmsg: else rights are dropped
  SocketAddress* from = nullptr;          // out: length 0 when there is none
  unsigned out_flags = 0;                 // out: MSG_TRUNC, MSG_EOR ...
  Box<Rights> rights{};                   // out
  std::optional<Identity> credentials{};  // out, with SO_PASSCRED
};

enum class ShutdownHow : std::uint8_t { read = 1, write = 2, both = 3 };

class Socket : public fs::InodeAttachment {
 public:
  int family() const { return kind_.family; }
  int type() const { return kind_.type; }
  int protocol() const { return kind_.protocol; }
  SocketOptions& options() { return options_; }
  /// Whom O_ASYNC tells.
  fs::AsyncNotices& async() { return async_; }

  virtual Result<void> bind(const NamedRequest&) { return err(Errno::opnotsupp); }
  virtual Result<void> listen(int) { return err(Errno::opnotsupp); }
  virtual Result<void> connect(const NamedRequest&) { return err(Errno::opnotsupp); }
  virtual Result<Ref<Socket>> accept(bool) { return err(Errno::opnotsupp); }
  virtual Result<std::size_t> send(IoBuffer& from, SendRequest& request) = 0;
  virtual Result<std::size_t> receive(IoBuffer& to, ReceiveRequest& request) = 0;
  virtual Result<void> shutdown(ShutdownHow) { return err(Errno::opnotsupp); }
  virtual Result<void> local_name(SocketAddress& out) = 0;
  virtual Result<void> peer_name(SocketAddress& out) = 0;
  virtual sync::PollEvents poll(sync::PollTable* table) = 0;
  virtual Result<long> ioctl(unsigned, IoctlArg) { return err(Errno::notty); }
  virtual bool is_listening() const { return false; }
  /// SO_ERROR: takes the pending error away; 0 when there is none.
  virtual int take_error() { return 0; }
  /// SO_PEERCRED.
  virtual Identity peer_identity() const { return {}; }
  /// A buffer limit changed.
  virtual void limits_changed() {}
  /// SO_REUSEPORT, for families with ports.
  virtual Result<void> set_reuse_port(bool on) { return on ? Result<void>{err(Errno::opnotsupp)} : Result<void>{}; }
  virtual Result<void> set_peek_offset(int) { return err(Errno::opnotsupp); }
  virtual Result<int> peek_offset() { return err(Errno::opnotsupp); }
  /// The descriptor side, from creation or accept(2) on.
  virtual void opened(SocketFile&) {}
  virtual void close() = 0;

 protected:
  explicit Socket(SocketKind kind) : kind_(kind) {}

 private:
  SocketKind kind_;
  SocketOptions options_;
  fs::AsyncNotices async_;
};

}  // namespace k::net
