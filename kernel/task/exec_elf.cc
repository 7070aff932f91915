#include "kernel/task/exec_elf.h"

#include <bit>
#include <cstring>

#include "arch/include/arch/memory.h"
#include "kernel/lib/types.h"

namespace k::task {
namespace {

using lib::align_down;
using lib::align_up;
using lib::is_aligned;

bool fits_user_space(const uapi::Elf64_Phdr& h) {
  return h.p_filesz <= h.p_memsz && h.p_memsz <= arch::kUserEnd && h.p_vaddr <= arch::kUserEnd - h.p_memsz;
}

void extend(ElfProgram& program, const uapi::Elf64_Phdr& h, bool first) {
  const std::uint64_t start = align_down(h.p_vaddr, kPageSize);
  const std::uint64_t end = align_up(h.p_vaddr + h.p_memsz, kPageSize);
  if (first || start < program.start) program.start = start;
  if (first || end > program.end) program.end = end;
  if (std::has_single_bit(h.p_align) && h.p_align > program.alignment) program.alignment = h.p_align;
}

bool holds(const uapi::Elf64_Phdr& h, std::uint64_t offset) {
  return h.p_offset <= offset && offset < h.p_offset + h.p_filesz;
}

ElfKind kind_of(std::uint16_t type) {
  if (type == ET_EXEC) return ElfKind::fixed;
  return type == ET_DYN ? ElfKind::position_independent : ElfKind::unloadable;
}

}  // namespace

Result<ElfHeader> parse_elf_header(ProgramHead head, ElfRole role) {
  uapi::Elf64_Ehdr e;
  std::memcpy(&e, head.data(), sizeof e);
  if (std::memcmp(e.e_ident, ELFMAG, SELFMAG) != 0) return err(Errno::noexec);
  const ElfKind kind = kind_of(e.e_type);
  if (kind == ElfKind::unloadable && role == ElfRole::program) return err(Errno::noexec);
  if (e.e_machine != EM_X86_64) return err(Errno::noexec);
  if (e.e_phentsize != sizeof(uapi::Elf64_Phdr) || e.e_phnum == 0) return err(Errno::noexec);
  if (e.e_phnum * sizeof(uapi::Elf64_Phdr) > kMaxProgramHeaderBytes) return err(Errno::noexec);
  return ElfHeader{kind, e.e_entry, e.e_phoff, e.e_phnum};
}

ElfProgram survey(const ElfHeader& header, std::span<const uapi::Elf64_Phdr> headers) {
  ElfProgram program;
  bool first = true;
  for (const uapi::Elf64_Phdr& h : headers) {
    if (h.p_type == PT_INTERP && !program.interpreter) program.interpreter = h;
    if (h.p_type == PT_GNU_STACK) program.executable_stack = (h.p_flags & PF_X) != 0;
    if (h.p_type != PT_LOAD) continue;
    if (!fits_user_space(h)) continue;  // loading it fails later, when the old program is gone, as on Linux
    extend(program, h, first);
    if (holds(h, header.headers_offset)) program.table_address = header.headers_offset - h.p_offset + h.p_vaddr;
    first = false;
  }
  return program;
}

Result<ElfSegment> plan_segment(const uapi::Elf64_Phdr& h) {
  if (!fits_user_space(h)) return err(Errno::inval);
  ElfSegment s{};
  const std::uint64_t in_page = h.p_vaddr & lib::kPageMask;
  if ((h.p_offset & lib::kPageMask) != in_page && h.p_filesz != 0) return err(Errno::inval);
  s.address = h.p_vaddr - in_page;
  s.file_offset = h.p_offset - (h.p_offset & lib::kPageMask);
  s.file_bytes = h.p_filesz == 0 ? 0 : align_up(h.p_filesz + in_page, kPageSize);
  const std::uint64_t file_end = h.p_vaddr + h.p_filesz;
  const std::uint64_t memory_end = align_up(h.p_vaddr + h.p_memsz, kPageSize);
  const std::uint64_t mapped_end = s.address + s.file_bytes;
  if (h.p_memsz > h.p_filesz && s.file_bytes != 0) {
    s.zero_start = file_end;
    s.zero_end = mapped_end;
  }
  s.extra_start = mapped_end;
  s.extra_bytes = memory_end > mapped_end ? memory_end - mapped_end : 0;
  s.readable = (h.p_flags & PF_R) != 0;
  s.writable = (h.p_flags & PF_W) != 0;
  s.executable = (h.p_flags & PF_X) != 0;
  return s;
}

}  // namespace k::task
