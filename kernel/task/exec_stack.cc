#include "kernel/task/exec_stack.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace k::task {
namespace {

constexpr std::string_view kPlatform{"x86_64\0", 7};
constexpr std::uint64_t kWord = sizeof(std::uint64_t);

std::size_t skipped_bytes(const ProgramStrings& s) { return s.skipped == 0 ? 0 : s.strings.first_length(); }

/// Gathers small pieces and writes them out in larger ones.
class StackWriter {
 public:
  StackWriter(mm::AddressSpace& space, std::uint64_t at) : space_(space), at_(at) {}

  Result<void> put(std::span<const char> bytes) {
    while (!bytes.empty()) {
      if (used_ == buffer_.size()) TRY(flush());
      const std::size_t n = std::min(bytes.size(), buffer_.size() - used_);
      std::memcpy(buffer_.data() + used_, bytes.data(), n);
      used_ += n;
      bytes = bytes.subspan(n);
    }
    return {};
  }
  Result<void> put_word(std::uint64_t word) {
    if (buffer_.size() - used_ < kWord) TRY(flush());
    std::memcpy(buffer_.data() + used_, &word, kWord);
    used_ += kWord;
    return {};
  }
  Result<void> flush() {
    TRY(space_.write(UserAddr{at_}, std::as_bytes(std::span{buffer_}.first(used_))));
    at_ += used_;
    used_ = 0;
    return {};
  }

 private:
  mm::AddressSpace& space_;
  std::uint64_t at_;
  std::size_t used_ = 0;
  std::array<char, 1024> buffer_;
};

Result<void> write_strings(mm::AddressSpace& space, const StackPlan& plan, const ProgramStrings& s) {
  StackWriter out{space, plan.strings};
  TRY(s.prefix.text().for_each_piece(0, [&](std::span<const char> piece) { return out.put(piece); }));
  TRY(s.strings.text().for_each_piece(skipped_bytes(s), [&](std::span<const char> piece) { return out.put(piece); }));
  TRY(out.put(s.path));
  return out.flush();  // the path's NUL is the zero that the fresh page holds
}

/// argc, argv, environ; notes where the strings of each begin and end.
class PointerWriter {
 public:
  PointerWriter(StackWriter& out, mm::Layout& layout, std::uint64_t strings)
      : out_(out), layout_(layout), at_(strings) {}

  Result<void> write(const ProgramStrings& s, std::size_t argc) {
    TRY(out_.put_word(argc));
    layout_.arg_start = at_;
    TRY(s.prefix.for_each_length(0, [&](std::uint32_t length) { return pointer(length); }));
    std::size_t left = s.arguments - s.skipped;
    if (left == 0) TRY(end_arguments());
    TRY(s.strings.for_each_length(s.skipped, [&](std::uint32_t length) -> Result<void> {
      TRY(pointer(length));
      if (left > 0 && --left == 0) TRY(end_arguments());
      return {};
    }));
    layout_.env_end = at_;
    return out_.put_word(0);
  }

 private:
  Result<void> pointer(std::uint32_t length) {
    TRY(out_.put_word(at_));
    at_ += length;
    return {};
  }
  Result<void> end_arguments() {
    layout_.arg_end = layout_.env_start = at_;
    return out_.put_word(0);
  }

  StackWriter& out_;
  mm::Layout& layout_;
  std::uint64_t at_;
};

}  // namespace

StackPlan plan_stack(std::uint64_t top, const ProgramStrings& s, std::size_t auxiliary_entries, std::uint64_t offset) {
  StackPlan plan;
  plan.argc = s.prefix.count() + s.arguments - s.skipped;
  const std::size_t environment = s.strings.count() - s.arguments;
  plan.path = top - kWord - (s.path.size() + 1);
  plan.strings = plan.path - (s.prefix.bytes() + s.strings.bytes() - skipped_bytes(s));
  plan.platform = ((plan.strings - offset) & ~std::uint64_t{15}) - kPlatform.size();
  plan.random = plan.platform - 16;
  const std::size_t words = 1 + plan.argc + 1 + environment + 1 + 2 * auxiliary_entries;
  plan.pointer = (plan.random - words * kWord) & ~std::uint64_t{15};
  return plan;
}

Result<void> write_stack(mm::AddressSpace& space, const StackPlan& plan, const ProgramStrings& s,
                         const AuxiliaryVector& auxiliary, std::span<const std::byte, 16> random) {
  TRY(write_strings(space, plan, s));
  TRY(space.write(UserAddr{plan.platform}, std::as_bytes(std::span{kPlatform})));
  TRY(space.write(UserAddr{plan.random}, random));
  space.layout().start_stack = plan.pointer;
  StackWriter out{space, plan.pointer};
  TRY(PointerWriter(out, space.layout(), plan.strings).write(s, plan.argc));
  for (const auto& entry : std::span{auxiliary.entries}.first(auxiliary.count)) {
    TRY(out.put_word(entry.type));
    TRY(out.put_word(entry.value));
  }
  return out.flush();
}

}  // namespace k::task
