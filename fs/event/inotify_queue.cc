#include "fs/event/inotify_queue.h"

#include <cstring>

#include "kernel/lib/types.h"

namespace k::fs::event {

namespace {

constexpr InotifyHead kOverflow{.wd = -1, .mask = IN_Q_OVERFLOW, .cookie = 0, .len = 0};
/// What pop() gives for an overflow: the queue may use its own record again at once.
constinit const InotifyRecord overflow_taken{.node = {}, .head = kOverflow};

}  // namespace

InotifyQueue::~InotifyQueue() {
  while (const InotifyRecord* const record = pop()) release(record);
}

/// The name is padded with at least one NUL to a multiple of the head's size, as Linux does.
InotifyRecord* InotifyQueue::create(std::string_view name) {
  void* const memory = lib::allocate(sizeof(InotifyRecord) + name.size(), alignof(InotifyRecord));
  if (memory == nullptr) return nullptr;
  auto* const record = new (memory) InotifyRecord;
  if (!name.empty()) std::memcpy(reinterpret_cast<char*>(record + 1), name.data(), name.size());
  record->name_length = static_cast<std::uint32_t>(name.size());
  constexpr std::size_t kUnit = sizeof record->head;
  if (!name.empty()) record->head.len = static_cast<std::uint32_t>((name.size() + kUnit) / kUnit * kUnit);
  return record;
}

void InotifyQueue::append(InotifyRecord& record) {
  records_.push_back(record);
  last_ = &record;
  ++count_;
  bytes_ += record.bytes();
}

void InotifyQueue::push(std::int32_t watch, std::uint32_t what, std::uint32_t cookie, std::string_view name) {
  if (last_ != nullptr && last_->head.wd == watch && last_->head.mask == what && last_->name() == name) return;
  if (overflowed_) return;
  InotifyRecord* const record = count_ < most_ ? create(name) : nullptr;
  if (record == nullptr) {
    overflowed_ = true;
    overflow_.head = kOverflow;
    return append(overflow_);
  }
  record->head.wd = watch;
  record->head.mask = what;
  record->head.cookie = cookie;
  append(*record);
}

const InotifyRecord* InotifyQueue::pop() {
  InotifyRecord* const record = records_.pop_front();
  if (record == nullptr) return nullptr;
  if (records_.empty()) last_ = nullptr;
  --count_;
  bytes_ -= record->bytes();
  if (record != &overflow_) return record;
  overflowed_ = false;
  return &overflow_taken;
}

void InotifyQueue::release(const InotifyRecord* record) {
  if (record != &overflow_taken) lib::deallocate(const_cast<InotifyRecord*>(record));
}

}  // namespace k::fs::event
