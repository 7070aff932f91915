#include <charconv>

#include "fs/procfs/inode.h"

namespace k::fs::proc {
namespace {

/// Positions: 0 and 1 are "." and "..", then the table's entries, then the numbered ones from here on.
constexpr std::uint64_t kFirstNumber = 1024;

std::int64_t parse_number(std::string_view name) {
  std::int64_t number = -1;
  if (name.empty() || (name[0] == '0' && name.size() > 1) || name[0] == '-') return -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? number : -1;
}

FileType type_of(const Entry& entry) { return static_cast<FileType>(entry.mode & S_IFMT); }

}  // namespace

ProcDirectory::ProcDirectory(Superblock& superblock, std::uint64_t number, const Entry& entry, Subject subject)
    : ProcInode(superblock, number, entry, std::move(subject)) {
  set_node(static_cast<DirectoryNode&>(*this));
  set_links(2);
}

Result<LookupResult> ProcDirectory::lookup(std::string_view name) {
  for (const Entry& e : entry().directory->entries) {
    if (e.name != name) continue;
    const Cache cache = subject().is_empty() ? Cache::yes : Cache::no;
    return LookupResult{TRY(make_inode(superblock(), e, subject())), cache};
  }
  return lookup_number(name);
}

Result<LookupResult> ProcDirectory::lookup_number(std::string_view name) {
  const NumberedEntries* numbered = entry().directory->numbered;
  if (numbered == nullptr || !name.starts_with(numbered->prefix)) return err(Errno::noent);
  const std::int64_t number = parse_number(name.substr(numbered->prefix.size()));
  // ENOENT even for making a file: nothing can ever be made here.
  if (number < 0) return err(Errno::noent);
  auto found = numbered->subject(subject(), number);
  if (!found) return err(found.error() == Errno::srch ? Errno::noent : found.error());
  return LookupResult{TRY(make_inode(superblock(), *numbered->entry, std::move(*found))), Cache::no};
}

Result<void> ProcDirectory::read(Dentry&, std::uint64_t position, DirectorySink& sink) {
  const DirectoryTable& table = *entry().directory;
  for (std::uint64_t i = position - 2; i < table.entries.size(); ++i) {
    const Entry& e = table.entries[i];
    if (!sink.add(e.name, number() + i + 1, type_of(e), i + 3)) return {};
  }
  if (table.numbered == nullptr) return {};
  std::int64_t from = position > kFirstNumber ? static_cast<std::int64_t>(position - kFirstNumber) : 0;
  for (;;) {
    const std::int64_t n = table.numbered->next(subject(), from);
    if (n < 0) return {};
    char name[32];
    const std::size_t length = lib::format_to(name, "{}{}", table.numbered->prefix, n);
    const auto inode_number = static_cast<std::uint64_t>(n) + (std::uint64_t{1} << 32);
    if (!sink.add({name, length}, inode_number, type_of(*table.numbered->entry),
                  static_cast<std::uint64_t>(n) + 1 + kFirstNumber))
      return {};
    from = n + 1;
  }
}

}  // namespace k::fs::proc
