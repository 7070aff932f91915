#include "kernel/task/exec_arguments.h"

#include <algorithm>
#include <cstring>

#include "kernel/task/exec.h"
#include "mm/user/user_ptr.h"

namespace k::task {
namespace {

constexpr std::uint64_t kMinTotal = 131'072;            // ARG_MAX, always granted
constexpr std::uint64_t kMaxTotal = (8 << 20) / 4 * 3;  // three quarters of the default stack

}  // namespace

ByteChain::~ByteChain() {
  while (first_ != nullptr) {
    Block* next = first_->next;
    delete first_;
    first_ = next;
  }
}

Result<std::span<char>> ByteChain::room() {
  if (last_ == nullptr || last_->used == Block::kBytes) {
    Block* block = new (std::nothrow) Block;
    if (block == nullptr) return err(Errno::nomem);
    (last_ == nullptr ? first_ : last_->next) = block;
    last_ = block;
  }
  return std::span<char>{last_->bytes + last_->used, Block::kBytes - last_->used};
}

void ByteChain::commit(std::size_t n) { last_->used += n; }

Result<void> ByteChain::append(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const std::span<char> to = TRY(room());
    const std::size_t n = std::min(to.size(), bytes.size());
    std::memcpy(to.data(), bytes.data(), n);
    commit(n);
    bytes = bytes.subspan(n);
  }
  return {};
}

ArgumentStrings::ArgumentStrings(std::uint64_t stack_limit)
    : limit_(std::max(kMinTotal, std::min(kMaxTotal, stack_limit / 4))) {}

Result<void> ArgumentStrings::finish(std::size_t length) {
  if (length > kMaxString) return err(Errno::toobig);
  if (count_ == 0) first_length_ = length;
  ++count_;
  bytes_ += length;
  // Each string also costs a pointer.
  if (bytes_ + count_ * sizeof(std::uint64_t) > limit_) return err(Errno::toobig);
  const auto stored = static_cast<std::uint32_t>(length);
  char raw[sizeof stored];
  std::memcpy(raw, &stored, sizeof raw);
  return lengths_.append(raw);
}

Result<void> ArgumentStrings::add(std::string_view string) {
  TRY(text_.append(string));
  TRY(text_.append(std::span<const char>{"", 1}));
  return finish(string.size() + 1);
}

Result<void> ArgumentStrings::add_user(UserAddr string) {
  std::size_t length = 0;
  while (length <= kMaxString) {
    const std::span<char> to = TRY(text_.room());
    const std::ptrdiff_t got = arch::copy_string_from_user(to.data(), string + length, to.size());
    if (got < 0) return err(Errno::fault);
    const auto n = static_cast<std::size_t>(got);
    if (n < to.size()) {
      text_.commit(n + 1);
      return finish(length + n + 1);
    }
    text_.commit(n);
    length += n;
  }
  return err(Errno::toobig);
}

Result<void> ArgumentStrings::add_user_array(UserAddr array) {
  if (array.value == 0) return {};
  for (std::size_t i = 0;; ++i) {
    const auto string = TRY((UserIn<std::uint64_t>{array} + i).read());
    if (string == 0) return {};
    TRY(add_user(UserAddr{string}));
  }
}

}  // namespace k::task
