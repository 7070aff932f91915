// futex(2): FUTEX_WAKE_OP.
#include <algorithm>

#include "syscalls/futex_args.h"

namespace k::sys {
namespace {

/// What FUTEX_WAKE_OP's value3 encodes. Source: futex(2).
class WordOperation {
 public:
  explicit WordOperation(std::uint32_t code) : code_(code) {}
  bool valid() const { return (operation() & 7) <= FUTEX_OP_XOR && comparison() <= FUTEX_OP_CMP_GE; }
  std::uint32_t apply(std::uint32_t old) const {
    std::uint32_t argument = static_cast<std::uint32_t>(sign_extended(code_ >> 12));
    if ((operation() & FUTEX_OP_OPARG_SHIFT) != 0) argument = 1u << (argument & 31);
    switch (operation() & 7) {
      case FUTEX_OP_SET:
        return argument;
      case FUTEX_OP_ADD:
        return old + argument;
      case FUTEX_OP_OR:
        return old | argument;
      case FUTEX_OP_ANDN:
        return old & ~argument;
      default:
        return old ^ argument;
    }
  }
  bool compare(std::uint32_t old_word) const {
    const auto old = static_cast<std::int32_t>(old_word), argument = sign_extended(code_);
    switch (comparison()) {
      case FUTEX_OP_CMP_EQ:
        return old == argument;
      case FUTEX_OP_CMP_NE:
        return old != argument;
      case FUTEX_OP_CMP_LT:
        return old < argument;
      case FUTEX_OP_CMP_LE:
        return old <= argument;
      case FUTEX_OP_CMP_GT:
        return old > argument;
      default:
        return old >= argument;
    }
  }

 private:
  unsigned operation() const { return code_ >> 28 & 15; }
  unsigned comparison() const { return code_ >> 24 & 15; }
  static std::int32_t sign_extended(std::uint32_t twelve_bits) {
    return static_cast<std::int32_t>(twelve_bits << 20) >> 20;
  }
  std::uint32_t code_;
};

std::optional<std::uint32_t> change_word(UserAddr word, const WordOperation& operation) {
  auto seen = task::load_futex_word(word);
  while (seen) {
    const std::uint32_t old = *seen;
    seen = task::exchange_futex_word(word, old, operation.apply(old));
    if (seen == old) return old;
  }
  return std::nullopt;
}

}  // namespace

Result<std::int64_t> futex_wake_op(Task& self, const FutexCall& call, std::uint32_t count2) {
  const sync::FutexWakeOp request{TRY(call.key(self)), TRY(call.key2(self)), futex_wake_count(call.value),
                                  futex_wake_count(count2)};
  const WordOperation operation{call.value3};
  if (!operation.valid()) return err(Errno::nosys);
  for (;;) {
    const auto woken = sync::futex_wake_op(request, [&]() -> std::optional<bool> {
      const auto old = change_word(call.word2, operation);
      if (!old) return std::nullopt;
      return operation.compare(*old);
    });
    if (woken) return *woken;
    if (woken.error() != Errno::fault) return err(woken.error());
    TRY(task::fault_futex_word_in_for_writing(call.word2));
  }
}

}  // namespace k::sys
