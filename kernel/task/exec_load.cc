#include "kernel/task/exec_load.h"

#include <algorithm>

#include "kernel/task/exec_program.h"

namespace k::task {
namespace {

using mm::AreaFlag;
using mm::AreaFlags;
using mm::Placement;

constexpr std::byte kZeroes[kPageSize] = {};

AreaFlags flags_of(const ElfSegment& segment) {
  AreaFlags flags = AreaFlag::may_read | AreaFlag::may_write | AreaFlag::may_execute;
  if (segment.readable) flags = flags | AreaFlag::read;
  if (segment.writable) flags = flags | AreaFlag::write;
  if (segment.executable) flags = flags | AreaFlag::execute;
  return flags;
}

class Loader {
 public:
  Loader(mm::AddressSpace& space, Ref<mm::PageSource> source, const ElfFile& elf, std::uint64_t bias,
         const mm::MemoryLimits& limits)
      : space_(space), source_(std::move(source)), limits_(limits) {
    loaded_.bias = bias;
    loaded_.entry = elf.header.entry + bias;
    // A fixed program must not land on the stack; a chosen place is known to be free.
    placement_ = elf.header.kind == ElfKind::fixed ? Placement::fixed_no_replace : Placement::fixed;
  }

  Result<void> load(const uapi::Elf64_Phdr& header) {
    const ElfSegment segment = TRY(plan_segment(header));
    TRY(map_file(segment));
    TRY(map_zeroes(segment));
    placement_ = Placement::fixed;
    note_layout(header);
    return {};
  }
  const LoadedElf& result() const { return loaded_; }

 private:
  Result<void> map_file(const ElfSegment& segment) {
    if (segment.file_bytes == 0) return {};
    mm::MapRequest request{
        UserAddr{segment.address + loaded_.bias}, segment.file_bytes, flags_of(segment), placement_, source_,
        segment.file_offset >> lib::kPageShift};
    TRY(space_.map(request, limits_));
    const std::uint64_t zeroes = segment.zero_end - segment.zero_start;
    if (zeroes == 0) return {};
    return space_.write(UserAddr{segment.zero_start + loaded_.bias}, std::span{kZeroes}.first(zeroes));
  }
  Result<void> map_zeroes(const ElfSegment& segment) {
    if (segment.extra_bytes == 0) return {};
    mm::MapRequest request{UserAddr{segment.extra_start + loaded_.bias}, segment.extra_bytes, flags_of(segment),
                           placement_};
    TRY(space_.map(request, limits_));
    return {};
  }
  /// Source: proc_pid_stat(5), startcode to end_data as Linux's loader counts them.
  void note_layout(const uapi::Elf64_Phdr& h) {
    const std::uint64_t start = h.p_vaddr + loaded_.bias;
    const std::uint64_t file_end = start + h.p_filesz;
    if ((h.p_flags & PF_X) != 0 && (loaded_.start_code == 0 || start < loaded_.start_code)) loaded_.start_code = start;
    loaded_.start_data = std::max<std::uint64_t>(loaded_.start_data, start);
    if ((h.p_flags & PF_X) != 0) loaded_.end_code = std::max<std::uint64_t>(loaded_.end_code, file_end);
    loaded_.end_data = std::max<std::uint64_t>(loaded_.end_data, file_end);
    loaded_.end = std::max<std::uint64_t>(loaded_.end, start + h.p_memsz);
  }

  mm::AddressSpace& space_;
  Ref<mm::PageSource> source_;
  const mm::MemoryLimits& limits_;
  Placement placement_;
  LoadedElf loaded_;
};

}  // namespace

Result<ElfFile> ElfFile::read(fs::File& file, ProgramHead head, ElfRole role) {
  const ElfHeader header = TRY(parse_elf_header(head, role));
  ElfFile elf{header, {}, nullptr};
  elf.table = TRY(make<ElfTable>());
  const std::span<uapi::Elf64_Phdr> entries{elf.table->data(), elf.header.headers};
  if (!read_exactly(file, elf.header.headers_offset, std::as_writable_bytes(entries))) return err(Errno::noexec);
  elf.program = survey(elf.header, entries);
  return elf;
}

Result<LoadedElf> load_elf(mm::AddressSpace& space, fs::File& file, const ElfFile& elf, std::uint64_t bias,
                           const mm::MemoryLimits& limits) {
  if (elf.header.kind == ElfKind::unloadable) return err(Errno::inval);
  auto source = TRY(file.page_source());
  Loader loader{space, std::move(source), elf, bias, limits};
  bool any = false;
  for (const uapi::Elf64_Phdr& header : elf.headers()) {
    if (header.p_type != PT_LOAD || header.p_memsz == 0) continue;
    TRY(loader.load(header));
    any = true;
  }
  if (!any && elf.header.kind == ElfKind::position_independent) return err(Errno::inval);
  return loader.result();
}

Result<std::uint64_t> find_bias(mm::AddressSpace& space, const ElfFile& elf, const mm::MemoryLimits& limits) {
  const std::uint64_t bytes = elf.program.end - elf.program.start;
  if (bytes == 0) return err(Errno::inval);
  const mm::MapRequest probe{UserAddr{}, bytes, AreaFlags{}, Placement::hint};
  const UserAddr at = TRY(space.map(probe, limits));
  TRY(space.unmap(at, bytes));
  return at.value - elf.program.start;
}

}  // namespace k::task
