/// The argument and environment strings of a new program, on their way from the old memory to the new stack.
///
/// Invariants  strings lie one after the other with their NULs, in blocks of a page; `lengths` counts each with its NUL.
/// Context     task context.
/// Errors      E2BIG: a string or all together exceed the limits; FAULT; NOMEM.
/// Source      execve(2), "Limits on size of arguments and environment".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/lib/alloc.h"
#include "kernel/lib/types.h"

namespace k::task {

/// Bytes appended at the end and read from the start.
class ByteChain {
 public:
  ByteChain() = default;
  ByteChain(const ByteChain&) = delete;
  ~ByteChain();

  Result<void> append(std::span<const char> bytes);
  /// Room for at least one more byte, contiguous; `commit` says how much of it was filled.
  Result<std::span<char>> room();
  void commit(std::size_t n);
  /// Calls `visit(std::span<const char>)` for the bytes from `skip` on, piece by piece, until it returns an error.
  template <class Visit>
  Result<void> for_each_piece(std::size_t skip, Visit visit) const {
    for (const Block* b = first_; b != nullptr; b = b->next) {
      if (skip < b->used) TRY(visit(std::span<const char>{b->bytes + skip, b->used - skip}));
      skip = skip > b->used ? skip - b->used : 0;
    }
    return {};
  }

 private:
  struct Block {
    static constexpr std::size_t kBytes = kPageSize - 2 * sizeof(std::size_t);
    Block* next = nullptr;
    std::size_t used = 0;
    char bytes[kBytes];
  };
  Block *first_ = nullptr, *last_ = nullptr;
};

class ArgumentStrings {
 public:
  static constexpr std::size_t kMaxString = 131'072;

  explicit ArgumentStrings(std::uint64_t stack_limit);
  /// Appends the strings that a null-terminated array of pointers in user memory names; an absent array is empty.
  Result<void> add_user_array(UserAddr array);
  Result<void> add(std::string_view string);

  std::size_t count() const { return count_; }
  std::size_t bytes() const { return bytes_; }
  /// Length with NUL of the first string; 0 when there is none.
  std::size_t first_length() const { return first_length_; }
  const ByteChain& text() const { return text_; }
  /// Calls `visit(std::uint32_t length)` for each string from number `skip` on.
  template <class Visit>
  Result<void> for_each_length(std::size_t skip, Visit visit) const {
    return lengths_.for_each_piece(skip * sizeof(std::uint32_t), [&](std::span<const char> piece) -> Result<void> {
      for (std::size_t at = 0; at < piece.size(); at += sizeof(std::uint32_t)) {
        std::uint32_t length;
        __builtin_memcpy(&length, piece.data() + at, sizeof length);
        TRY(visit(length));
      }
      return {};
    });
  }

 private:
  Result<void> add_user(UserAddr string);
  Result<void> finish(std::size_t length);

  std::size_t limit_, count_ = 0, bytes_ = 0, first_length_ = 0;
  ByteChain text_, lengths_;
};

}  // namespace k::task
