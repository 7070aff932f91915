#include "fs/vfs/poll_wait.h"

namespace k::fs {

PollWait::~PollWait() {
  const auto unhook = [](std::optional<Hook>& hook) {
    if (hook) hook->queue.remove(*hook);
  };
  for (std::size_t i = 0; i < used_; ++i) unhook(first_[i]);
  while (Chunk* chunk = chunks_) {
    for (std::size_t i = 0; i < chunk->used; ++i) unhook(chunk->hooks[i]);
    chunks_ = chunk->next;
    delete chunk;
  }
}

std::optional<PollWait::Hook>* PollWait::free_slot() {
  if (used_ < kInline) return &first_[used_++];
  if (chunks_ == nullptr || chunks_->used == kPerChunk) {
    auto* chunk = new (std::nothrow) Chunk;
    if (chunk == nullptr) return nullptr;
    chunk->next = chunks_;
    chunks_ = chunk;
  }
  return &chunks_->hooks[chunks_->used++];
}

void PollWait::watch(sync::WaitQueue& queue) {
  std::optional<Hook>* slot = free_slot();
  if (slot == nullptr) {
    status_ = err(Errno::nomem);
    return;
  }
  slot->emplace(*this, queue, wanted());
  queue.add(**slot);
}

bool PollWait::Hook::woken(Waiter& self, sync::PollEvents) {
  PollWait& owner = static_cast<Hook&>(self).owner;
  owner.woken_.store(true, std::memory_order_release);
  owner.sleeping_.wake_one();
  return false;
}

Result<void> PollWait::wait(Deadline deadline) {
  return sleeping_.wait_until([this] { return woken_.exchange(false, std::memory_order_acquire); }, deadline);
}

}  // namespace k::fs
