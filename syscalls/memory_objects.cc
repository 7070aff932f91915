// memfd_create.
#include <linux/memfd.h>

#include "fs/tmpfs/memory_file.h"
#include "syscalls/calls_memory.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr unsigned kHugeSize = static_cast<unsigned>(MFD_HUGE_MASK) << MFD_HUGE_SHIFT;
constexpr std::string_view kPrefix = "memfd:";

Result<void> check_flags(Flags flags) {
  constexpr unsigned kKnown = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB;
  if (!flags.only(flags.has(MFD_HUGETLB) ? kKnown | kHugeSize : kKnown)) return err(Errno::inval);
  return {};
}

}  // namespace

Result<Fd> memfd_create(Task& self, UserCStr name, Flags flags) {
  TRY(check_flags(flags));
  std::array<char, NAME_MAX + 1> text;
  kPrefix.copy(text.data(), kPrefix.size());
  const auto length = name.read(std::span{text}.subspan(kPrefix.size()));
  if (!length) return err(length.error() == Errno::nametoolong ? Errno::inval : length.error());
  if (flags.has(MFD_HUGETLB)) return err(Errno::nosys);

  auto slot = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  const auto& who = self.creds();
  const fs::MemoryFileRequest request{
      .name = {text.data(), kPrefix.size() + *length},
      .owner = {who.fsuid, who.fsgid},
      .seals = flags.has(MFD_ALLOW_SEALING) ? 0u : F_SEAL_SEAL,
  };
  auto file = TRY(fs::create_memory_file(request));
  const auto on_exec = flags.has(MFD_CLOEXEC) ? fs::FdFlag::cloexec : fs::FdFlag::none;
  return Fd{std::move(slot).publish(std::move(file), on_exec)};
}

}  // namespace k::sys
