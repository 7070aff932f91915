#include "syscalls/net_message.h"

#include <asm/socket.h>
#include <linux/uio.h>

namespace k::sys {
namespace {

using abi::ControlHeader;

constexpr std::size_t kMaxControl = 20480;  // net.core.optmem_max
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

Result<void> read_rights(Task& self, std::span<const std::byte> data, net::SendRequest& request) {
  const std::size_t count = data.size() / sizeof(int);
  const std::size_t before = request.rights ? request.rights->count() : 0;
  if (count == 0) return {};
  if (before + count > net::Rights::kMaxFiles) return err(Errno::inval);
  auto rights = TRY(net::Rights::create(before + count));
  for (std::size_t i = 0; i < before; ++i) rights->files()[i] = std::move(request.rights->files()[i]);
  for (std::size_t i = 0; i < count; ++i) {
    int fd;
    std::memcpy(&fd, data.data() + i * sizeof fd, sizeof fd);
    rights->files()[before + i] = TRY(self.fds().get_any(fd)).share();
  }
  request.rights = std::move(rights);
  return {};
}

/// Which identities a process may claim. Source: unix(7), SCM_CREDENTIALS.
Result<void> read_credentials(Task& self, std::span<const std::byte> data, net::SendRequest& request) {
  abi::UserCredentials claimed;
  if (data.size() != sizeof claimed) return err(Errno::inval);
  std::memcpy(&claimed, data.data(), sizeof claimed);
  const fs::Credentials& who = self.creds();
  const bool pid_ok = claimed.pid == self.process().id() || who.has(CAP_SYS_ADMIN);
  const bool uid_ok = claimed.uid == who.uid || claimed.uid == who.euid || claimed.uid == who.suid;
  const bool gid_ok = claimed.gid == who.gid || claimed.gid == who.egid || claimed.gid == who.sgid;
  if (!pid_ok || !(uid_ok || who.has(CAP_SETUID)) || !(gid_ok || who.has(CAP_SETGID))) return err(Errno::perm);
  if (claimed.pid != self.process().id() && !task::find_pid(claimed.pid)) return err(Errno::srch);
  request.credentials = net::Identity{claimed.pid, claimed.uid, claimed.gid};
  return {};
}

Result<void> read_one(Task& self, const ControlHeader& header, std::span<const std::byte> data,
                      net::SendRequest& request) {
  if (header.level != SOL_SOCKET) return {};
  switch (header.type) {
    case abi::kScmRights:
      return read_rights(self, data, request);
    case abi::kScmCredentials:
      return read_credentials(self, data, request);
    default:
      return err(Errno::inval);
  }
}

/// Appends control messages to the caller's buffer as long as they fit.
class ControlWriter {
 public:
  explicit ControlWriter(abi::MessageHeader& header)
      : header_(header), at_(header.control), left_(header.control_bytes) {}
  ~ControlWriter() { header_.control_bytes = at_ - header_.control; }
  ControlWriter(const ControlWriter&) = delete;
  ControlWriter& operator=(const ControlWriter&) = delete;

  /// Room for data in the next message.
  std::size_t room() const { return left_ > sizeof(ControlHeader) ? left_ - sizeof(ControlHeader) : 0; }
  bool has_room_for_header() const { return header_.control != 0 && left_ >= sizeof(ControlHeader); }
  UserAddr data_at() const { return UserAddr{at_ + sizeof(ControlHeader)}; }
  void put_header(int type, std::size_t bytes) {
    const ControlHeader h{sizeof(ControlHeader) + bytes, SOL_SOCKET, type};
    if (!UserOut<ControlHeader>{UserAddr{at_}}.write(h)) return;
    const std::size_t whole = std::min(aligned(sizeof(ControlHeader) + bytes), left_);
    at_ += whole;
    left_ -= whole;
  }
  void cut() { header_.flags |= abi::kMsgCtrunc; }

 private:
  abi::MessageHeader& header_;
  std::uint64_t at_;
  std::size_t left_;
};

void write_credentials(ControlWriter& out, const net::Identity& who) {
  if (!out.has_room_for_header()) return out.cut();
  const abi::UserCredentials data{who.pid, who.uid, who.gid};
  const std::size_t n = std::min(sizeof data, out.room());
  if (n < sizeof data) out.cut();
  if (!UserOut<std::byte>{out.data_at()}.write_all(std::as_bytes(std::span{&data, 1}).first(n))) return;
  out.put_header(abi::kScmCredentials, n);
}

/// Installs one file and writes its number; nothing is left behind when that fails.
Result<void> give_file(Task& self, Ref<fs::File> file, UserAddr at, fs::FdFlag flag) {
  auto slot = TRY(self.fds().reserve(open_files_limit(self)));
  TRY(UserOut<int>{at}.write(slot.number()));
  std::move(slot).publish(std::move(file), flag);
  return {};
}

void write_rights(Task& self, ControlWriter& out, net::Rights& rights, fs::FdFlag flag) {
  if (!out.has_room_for_header()) return out.cut();
  const std::size_t fits = std::min(rights.count(), out.room() / sizeof(int));
  std::size_t given = 0;
  for (; given < fits; ++given) {
    auto file = Ref<fs::File>::share(*rights.files()[given]);
    if (!give_file(self, std::move(file), out.data_at() + given * sizeof(int), flag)) break;
  }
  if (given < rights.count()) out.cut();
  if (given > 0) out.put_header(abi::kScmRights, given * sizeof(int));
}

}  // namespace

Result<void> read_vector(VectorArg& out, const abi::MessageHeader& header) {
  if (header.vector_count > UIO_MAXIOV) return err(Errno::msgsize);
  return out.read(UserIn<mm::IoSegment>{UserAddr{header.vector}}, static_cast<int>(header.vector_count));
}

Result<void> read_control(Task& self, UserAddr at, std::size_t bytes, net::SendRequest& request) {
  if (bytes > kMaxControl) return err(Errno::nobufs);
  Box<std::byte[]> text{new (std::nothrow) std::byte[bytes]};
  if (!text) return err(Errno::nomem);
  TRY(UserIn<std::byte>{at}.read_all({text.get(), bytes}));
  for (std::size_t offset = 0; bytes - offset >= sizeof(ControlHeader);) {
    ControlHeader header;
    std::memcpy(&header, text.get() + offset, sizeof header);
    if (header.bytes < sizeof header || header.bytes > bytes - offset) return err(Errno::inval);
    const std::span<const std::byte> data{text.get() + offset + sizeof header, header.bytes - sizeof header};
    TRY(read_one(self, header, data, request));
    offset = std::min(bytes, offset + aligned(header.bytes));
  }
  return {};
}

void write_control(Task& self, net::ReceiveRequest& request, abi::MessageHeader& header) {
  header.flags = request.out_flags | (request.flags.bits() & abi::kMsgCmsgCloexec);
  {
    ControlWriter out{header};
    if (request.credentials) write_credentials(out, *request.credentials);
    const auto flag = request.flags.has(abi::kMsgCmsgCloexec) ? fs::FdFlag::cloexec : fs::FdFlag::none;
    if (request.rights) write_rights(self, out, *request.rights, flag);
  }
  if (request.rights) net::drop_rights(std::move(request.rights));
}

}  // namespace k::sys
