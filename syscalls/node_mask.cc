#include "syscalls/node_mask.h"

#include "kernel/lib/types.h"

namespace k::sys {
namespace {

constexpr std::uint64_t kWordBits = 64;
constexpr std::uint64_t kSupportedWords = mm::NodeSet::kMaxNodes / kWordBits;

}  // namespace

Result<mm::NodeSet> read_nodes(UserIn<std::uint64_t> mask, std::uint64_t max_node) {
  const std::uint64_t bits = max_node - 1;  // none given is more than any set has
  mm::NodeSet nodes;
  if (bits == 0 || mask.is_null()) return nodes;
  if (bits > kPageSize * 8) return err(Errno::inval);
  const std::uint64_t words = (bits + kWordBits - 1) / kWordBits;
  for (std::uint64_t i = words; i-- > 0;) {
    std::uint64_t word = TRY((mask + i).read());
    // Of a word beyond the supported nodes, all bits have to be zero.
    if (i >= kSupportedWords && word != 0) return err(Errno::inval);
    if (i == words - 1 && bits % kWordBits != 0) word &= (std::uint64_t{1} << (bits % kWordBits)) - 1;
    if (i == 0) {
      nodes.first = word;
    } else {
      nodes.has_others = nodes.has_others || word != 0;
    }
  }
  return nodes;
}

Result<void> write_nodes(UserOut<std::uint64_t> mask, std::uint64_t max_node, std::uint64_t nodes) {
  const std::uint64_t words = lib::align_up(max_node - 1, kWordBits) / kWordBits;
  if (words * sizeof(std::uint64_t) > kPageSize) return err(Errno::inval);
  for (std::uint64_t i = words; i-- > 1;) TRY((mask + i).write(0));
  if (words > 0) TRY(mask.write(nodes));
  return {};
}

}  // namespace k::sys
