#include "ipc/mqueue/inodes.h"

#include <algorithm>

#include "ipc/mqueue/limits.h"
#include "ipc/mqueue/queue_file.h"
#include "kernel/sync/guarded.h"

namespace k::ipc::mqueue {
namespace {

constexpr std::uint64_t kFileSize = 80;  // what stat(2) shows, whatever the text's length

constinit Limits g_limits;
constinit std::atomic<std::uint32_t> g_queues{0};
constinit CallerSource g_caller{};

/// One more queue, until take() or the end of the call.
class QueueCounted {
 public:
  QueueCounted() : number_(g_queues.fetch_add(1, std::memory_order_relaxed)) {}
  ~QueueCounted() {
    if (!taken_) g_queues.fetch_sub(1, std::memory_order_relaxed);
  }
  QueueCounted(const QueueCounted&) = delete;
  QueueCounted& operator=(const QueueCounted&) = delete;
  bool is_allowed() const { return number_ < g_limits.queues.load() || g_caller.exceeds_limits(); }
  void take() { taken_ = true; }

 private:
  const std::uint32_t number_;
  bool taken_ = false;
};

Result<void> check(const Capacity& c) {
  const bool free = g_caller.exceeds_limits();
  const std::uint64_t most_messages = free ? Limits::kMostMessages : g_limits.messages.load();
  const std::uint64_t most_bytes = free ? Limits::kMostBytes : g_limits.message_bytes.load();
  if (c.messages == 0 || c.messages > most_messages || c.message_bytes == 0 || c.message_bytes > most_bytes)
    return err(Errno::inval);
  return {};
}

/// What a queue takes when it is full. Source: getrlimit(2), "RLIMIT_MSGQUEUE", with the sizes that Linux's structures have.
std::uint64_t bytes_charged(const Capacity& c) {
  constexpr std::uint64_t kMessageHeader = 48, kPriorityNode = 48;
  return c.messages * (kMessageHeader + kPriorityNode + c.message_bytes);
}

}  // namespace

Limits& limits() { return g_limits; }
void set_caller_source(const CallerSource& source) { g_caller = source; }
const CallerSource& caller_source() { return g_caller; }

Capacity default_capacity() {
  return {std::min(g_limits.default_messages.load(), g_limits.messages.load()),
          std::min(g_limits.default_message_bytes.load(), g_limits.message_bytes.load())};
}

QueueInode::QueueInode(fs::Superblock& superblock, const fs::NewNode& node, const Capacity& capacity,
                       Box<Charge> charge)
    : Inode(superblock, superblock.next_inode_number(), node.mode, node.owner),
      queue_(capacity),
      charge_(std::move(charge)) {
  set_size(kFileSize);
}

QueueInode::~QueueInode() = default;

Result<Ref<fs::Inode>> QueueInode::create(fs::Superblock& superblock, const fs::NewNode& node,
                                          const Capacity& capacity) {
  QueueCounted counted;
  if (!counted.is_allowed()) return err(Errno::nospc);
  TRY(check(capacity));
  auto charge = TRY(g_caller.charge(bytes_charged(capacity)));
  auto* inode = new (std::nothrow) QueueInode(superblock, node, capacity, std::move(charge));
  if (inode == nullptr) return err(Errno::nomem);
  counted.take();
  return Ref<fs::Inode>::adopt(*inode);
}

Result<Ref<fs::File>> QueueInode::open(const fs::OpenRequest& request) {
  return QueueFile::create(request.path, request.flags);
}

void QueueInode::touch(bool changed) {
  const fs::Timestamp now = fs::Timestamp::now();
  set_accessed(now);
  set_changed(now);
  if (changed) set_modified(now);
}

void QueueInode::evict() {
  queue_.drop();
  charge_.reset();
  g_queues.fetch_sub(1, std::memory_order_relaxed);
}

QueueDirectory::QueueDirectory(fs::Superblock& superblock)
    : Inode(superblock, superblock.next_inode_number(), S_IFDIR | S_ISVTX | S_IRWXUGO, {}) {
  set_node(static_cast<fs::DirectoryNode&>(*this));
  set_links(2);
  set_size(2 * fs::CachedEntries::kEntrySize);
}

void QueueDirectory::entry_changed(std::int64_t size_change) {
  set_size(size() + static_cast<std::uint64_t>(size_change));
  touch_modified();
  set_accessed(modified());
}

Result<Ref<fs::Inode>> QueueDirectory::create(fs::Dentry& dentry, const fs::NewNode& node) {
  return create(dentry, node, default_capacity());
}

Result<Ref<fs::Inode>> QueueDirectory::create(fs::Dentry& dentry, const fs::NewNode& node, const Capacity& capacity) {
  if ((node.mode & S_IFMT) != S_IFREG) return err(Errno::perm);
  auto made = TRY(QueueInode::create(superblock(), node, capacity));
  entries_.enter(dentry);
  entry_changed(fs::CachedEntries::kEntrySize);
  return made;
}

Result<void> QueueDirectory::unlink(fs::Dentry& dentry) {
  entries_.leave(dentry);
  entry_changed(-static_cast<std::int64_t>(fs::CachedEntries::kEntrySize));
  dentry.inode()->drop_link();
  return {};
}

Result<void> QueueDirectory::read(fs::Dentry&, std::uint64_t position, fs::DirectorySink& sink) {
  sync::LockHeld held{entries_lock()};
  entries_.read(position, sink);
  return {};
}

}  // namespace k::ipc::mqueue
