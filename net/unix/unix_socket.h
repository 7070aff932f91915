/// UnixSocket: a socket of the family AF_UNIX, of any of its three types.
///
/// Invariants  `peer_` is a counted reference. Of a stream or seqpacket socket it is set once, with the state, and goes when the
///             socket is closed, so calls on an open socket use it without a lock; of a datagram socket it changes under the
///             lock of the inbox. Messages of a stream are charged to the peer, datagrams to their sender. `queued_` mirrors
///             the inbox and is read without its lock by waits and poll, whose fences (kernel/sync/wait_queue.h) make a change
///             before a wake-up visible. Nothing is queued at a dead socket.
/// Lock order  setup_ > reading_ > user memory > inbox_ (of one socket at a time).
/// Context     task context.
/// Errors      as the calls' manual pages and unix(7) say.
/// Source      unix(7); what it leaves open as Linux 6.1 behaves.
#pragma once

#include <asm/socket.h>

#include "fs/vfs/path.h"
#include "kernel/abi/socket.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"
#include "net/socket/family.h"
#include "net/socket/wait.h"
#include "net/unix/message.h"
#include "net/unix/unix_address.h"

namespace k::net {

class UnixSocket final : public Socket, public mm::SlabAllocated<UnixSocket> {
 public:
  static Result<Ref<Socket>> create(SocketKind kind);
  static Result<SocketPair> create_pair(SocketKind kind);
  ~UnixSocket() override;

  Result<void> bind(const NamedRequest& request) override;
  Result<void> listen(int backlog) override;
  Result<void> connect(const NamedRequest& request) override;
  Result<Ref<Socket>> accept(bool blocking) override;
  Result<std::size_t> send(IoBuffer& from, SendRequest& request) override;
  Result<std::size_t> receive(IoBuffer& to, ReceiveRequest& request) override;
  Result<void> shutdown(ShutdownHow how) override;
  Result<void> local_name(SocketAddress& out) override;
  Result<void> peer_name(SocketAddress& out) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  bool is_listening() const override { return state() == State::listening; }
  int take_error() override;
  Identity peer_identity() const override;
  void limits_changed() override;
  Result<void> set_peek_offset(int offset) override;
  Result<int> peek_offset() override { return peek_offset_.load(std::memory_order_relaxed); }
  void opened(SocketFile& file) override;
  void close() override;

  /// For a line of /proc/net/unix.
  struct Listing {
    std::uint64_t inode;  // 0: accept(2) has not given it a descriptor yet
    unsigned state;       // SS_*
    const UnixAddress* address;
  };
  Listing listing() const;

 private:
  friend class UnixNames;
  friend class Flights;
  friend struct Message;
  enum class State : std::uint8_t { unconnected, listening, connected };
  static constexpr std::uint8_t kNoReceive = 1, kNoSend = 2, kShut = 3;

  lib::QueueNode<UnixSocket> pending_node_, name_node_, list_node_;

  struct Inbox {
    MessageQueue messages;
    std::size_t bytes = 0;
    lib::Queue<UnixSocket, &UnixSocket::pending_node_> pending;  // connected, not accepted yet; counted
    Identity listener;                                           // who called listen(2)
  };
  using PeerRef = RefOrNull<UnixSocket>;

  explicit UnixSocket(SocketKind kind) : Socket(kind) {}
  static Result<Ref<UnixSocket>> make_socket(SocketKind kind);

  State state() const { return state_.load(std::memory_order_acquire); }
  bool is_stream() const { return type() == abi::kSockStream; }
  bool has_connections() const { return type() != abi::kSockDgram; }
  bool is_shut(std::uint8_t direction) const { return (shut_.load(std::memory_order_relaxed) & direction) != 0; }
  UnixSocket* stream_peer() const { return peer_.load(std::memory_order_acquire); }
  PeerRef peer_ref();
  const UnixAddress* address() const { return address_.load(std::memory_order_acquire); }

  bool is_writable(sync::PollTable* table);

  // Names (bind.cc).
  Result<void> bind_path(const UnixName& name, const fs::LookupContext& names);
  Result<void> bind_abstract(std::string_view text);
  Result<void> bind_any();
  Result<void> bind_any_if_identified();
  static Result<Ref<UnixSocket>> find(const UnixName& name, const fs::LookupContext& names, int type);
  void drop_name();

  // Connections (connect.cc, accept.cc).
  Result<void> connect_stream(const UnixName& name, const NamedRequest& request);
  Result<bool> queue_at(UnixSocket& listener, UnixSocket& pending);
  Result<void> connect_datagram(const NamedRequest& request);
  Result<void> set_datagram_peer(PeerRef peer);
  void forget_messages_of(UnixSocket& former);
  bool may_send_to(const UnixSocket& other) const;
  void join(UnixSocket& other, const Identity& mine, const Identity& theirs);
  void become_peer_of(UnixSocket& other, const Identity& other_identity);
  RefOrNull<UnixSocket> take_pending();
  bool is_full() const { return queued_.load(std::memory_order_relaxed) > limit_.load(std::memory_order_relaxed); }

  // Sending (send_*.cc).
  Result<std::size_t> send_stream(IoBuffer& from, SendRequest& request);
  Result<std::size_t> send_chunk(UnixSocket& peer, IoBuffer& from, SendRequest& request, SocketWait& wait);
  Result<std::size_t> send_datagram(IoBuffer& from, SendRequest& request);
  Result<PeerRef> datagram_target(const SendRequest& request);
  Result<void> await_reader(UnixSocket& target, SocketWait& wait);
  Errno lose_peer(UnixSocket& peer);
  bool inbox_is_dead() const { return dead_.load(std::memory_order_relaxed); }
  Result<Box<Message>> make_message(IoBuffer& from, std::size_t n, SendRequest& request, SocketWait& wait);
  Result<void> await_room(SocketWait& wait);
  /// Room is told to O_ASYNC only after it lacked.
  void note_lack_of_room() {
    if (!async().empty()) [[unlikely]]
      lacked_room_.store(true, std::memory_order_relaxed);
  }
  void stamp(Message& message, const SendRequest& request, const UnixSocket& target);
  Result<void> deliver(Box<Message>& message);
  void discharge(std::uint32_t bytes);

  // Receiving (receive*.cc).
  struct StreamProgress {
    std::size_t done = 0;
    bool started = false;
    bool ended = false;  // nothing more may be added
  };
  Result<std::size_t> receive_stream(IoBuffer& to, ReceiveRequest& request);
  Result<void> read_stream(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress);
  Result<void> read_message(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress, Box<Message> message);
  Result<void> peek_stream(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress);
  bool continues(const Message& message, ReceiveRequest& request, StreamProgress& progress);
  Result<std::size_t> receive_datagram(IoBuffer& to, ReceiveRequest& request);
  Result<std::optional<std::size_t>> take_datagram(IoBuffer& to, ReceiveRequest& request);
  Result<std::optional<std::size_t>> peek_datagram(IoBuffer& to, ReceiveRequest& request);
  Result<std::size_t> give_datagram(Message& message, IoBuffer& to, ReceiveRequest& request, std::size_t skip);
  void tell_sender(const Message& message, ReceiveRequest& request);
  void take_rights(Message& message, ReceiveRequest& request);
  bool readable_or_ended() const;
  Box<Message> take_first();
  void put_back(Box<Message> message);
  Message* find_beyond(std::size_t& skip);
  Message* message_after(Message& message);
  void move_peek_offset_back(std::size_t received);

  // The end (close.cc).
  void shut(std::uint8_t directions);
  void fail_peer(UnixSocket& peer, bool lost_data);
  static void drop_message(Message& message, UnixSocket* peer);

  std::atomic<State> state_{State::unconnected};
  std::atomic<std::uint8_t> shut_{0};
  std::atomic<bool> lacked_room_{false};  // O_ASYNC: tell when there is some
  std::atomic<bool> awaits_data_{false};  // O_ASYNC: a reader of the stream sleeps and will see what comes
  std::atomic<bool> dead_{false};         // closed; changes under the lock of the inbox
  std::atomic<int> error_{0};
  std::atomic<std::uint32_t> queued_{0};  // messages, or sockets waiting to be accepted
  std::atomic<std::uint32_t> limit_{kDatagramQueue};
  std::atomic<std::uint32_t> charged_{0};
  std::atomic<int> peek_offset_{-1};
  std::atomic<UnixSocket*> peer_{nullptr};
  std::atomic<const UnixAddress*> address_{nullptr};  // counted
  std::atomic<SocketFile*> file_{nullptr};            // not counted: it counts this
  std::atomic<std::uint64_t> inode_number_{0};        // of file_, which only its owner may touch
  Identity peer_identity_;                            // of connected sockets, set before the state
  Guarded<Inbox, sync::Rank::socket> inbox_;
  sync::Mutex<sync::Rank::socket_receive> reading_;
  sync::Mutex<sync::Rank::socket_setup> setup_;
  sync::WaitQueue readers_, writers_;
  std::optional<fs::PathRef> place_;  // of a pathname; under setup_, and close()
  bool is_named_ = false;             // in the table of abstract names; likewise
  // Of the flights, under their lock.
  std::uint32_t flights_ = 0, unexplained_ = 0;
  bool candidate_ = false;
  lib::QueueNode<UnixSocket> flight_node_, reached_node_;

  static constexpr std::uint32_t kDatagramQueue = 10;  // net.unix.max_dgram_qlen
};

/// Senders wait here for room in the queue of `target`; shared by sockets of the same hash, and never freed.
sync::WaitQueue& room_queue(const UnixSocket& target);

/// Registers the family. Boot, once.
void register_unix_sockets();

}  // namespace k::net
