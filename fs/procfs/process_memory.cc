// What /proc/PID shows of a program's memory: its strings.
#include <linux/auxvec.h>

#include <algorithm>
#include <array>

#include "fs/procfs/process.h"

namespace k::fs::proc {
namespace {

/// Bytes [start, end) of the subject's memory.
Result<void> put_memory(const Subject& subject, TextBuffer& out, std::uint64_t start, std::uint64_t end) {
  const auto space = subject.memory();
  if (!space) return {};
  std::array<std::byte, 512> piece;
  while (start < end) {
    const std::size_t wanted = std::min<std::uint64_t>(end - start, piece.size());
    const std::size_t n = space->read_some(UserAddr{start}, std::span{piece}.first(wanted));
    out.put(std::string_view{reinterpret_cast<const char*>(piece.data()), n});
    if (n < wanted) break;
    start += n;
  }
  return {};
}

mm::Layout layout_of(const Subject& subject) {
  const auto space = subject.memory();
  return space ? space->layout() : mm::Layout{};
}

/// A program may have made its argument area one long title. Source: proc_pid_cmdline(5), setproctitle(3bsd).
Result<std::uint64_t> end_of_arguments(const Subject& subject, const mm::Layout& layout) {
  const auto space = subject.memory();
  if (!space || layout.arg_start == layout.arg_end) return layout.arg_end;
  std::byte last{};
  if (!space->read(UserAddr{layout.arg_end - 1}, std::span{&last, 1})) return layout.arg_end;
  return last == std::byte{0} ? layout.arg_end : layout.env_end;
}

}  // namespace

Result<void> show_arguments(const Subject& subject, TextBuffer& out) {
  TRY(subject.process());
  const mm::Layout layout = layout_of(subject);
  return put_memory(subject, out, layout.arg_start, TRY(end_of_arguments(subject, layout)));
}

Result<void> show_environment(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  const mm::Layout layout = layout_of(subject);
  return put_memory(subject, out, layout.env_start, layout.env_end);
}

/// The vector lies behind environ's terminating null pointer.
Result<void> show_auxiliary(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  const auto space = subject.memory();
  if (!space) return {};
  const auto word_at = [&](std::uint64_t at) -> Result<std::uint64_t> {
    std::uint64_t word = 0;
    TRY(space->read(UserAddr{at}, std::as_writable_bytes(std::span{&word, 1})));
    return word;
  };
  constexpr std::uint64_t kWord = sizeof(std::uint64_t);
  std::uint64_t at = space->layout().start_stack;
  const std::uint64_t arguments = TRY(word_at(at));
  at += (arguments + 2) * kWord;
  while (TRY(word_at(at)) != 0) at += kWord;
  at += kWord;
  for (;; at += 2 * kWord) {
    const std::uint64_t pair[] = {TRY(word_at(at)), TRY(word_at(at + kWord))};
    out.put(std::string_view{reinterpret_cast<const char*>(pair), sizeof pair});
    if (pair[0] == AT_NULL || out.overflowed()) return {};
  }
}

}  // namespace k::fs::proc
