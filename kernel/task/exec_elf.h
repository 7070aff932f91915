/// ELF headers of a program: what exec believes of a file that anybody may have written. Pure.
///
/// Invariants  everything here comes from the file and is checked before use; offsets and sizes may still lie outside the file.
/// Errors      NOEXEC: no program for this machine.
/// Source      elf(5); execve(2), ERRORS.
#pragma once

#include <linux/elf.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernel/lib/result.h"

namespace k::task {

/// What exec reads of a file before it knows what it is.
inline constexpr std::size_t kProgramHeadBytes = 256;
using ProgramHead = std::span<const std::byte, kProgramHeadBytes>;

inline constexpr std::size_t kMaxProgramHeaderBytes = 4096;  // more than that, Linux refuses

enum class ElfKind : std::uint8_t { fixed, position_independent, unloadable };
/// Of an interpreter Linux learns only while loading it that it is no program.
enum class ElfRole : std::uint8_t { program, interpreter };

struct ElfHeader {
  ElfKind kind;
  std::uint64_t entry;
  std::uint64_t headers_offset;
  std::uint16_t headers;
  std::size_t header_bytes() const { return headers * sizeof(uapi::Elf64_Phdr); }
};

/// Checks magic, machine, type and the size of the program header table.
Result<ElfHeader> parse_elf_header(ProgramHead head, ElfRole role);

/// What exec wants to know of the program headers.
struct ElfProgram {
  std::optional<uapi::Elf64_Phdr> interpreter;
  bool executable_stack = true;  // no PT_GNU_STACK: the old default of x86
  /// First and past-the-end virtual address of the loadable segments, page-aligned; equal when there is none.
  std::uint64_t start = 0, end = 0;
  std::uint64_t alignment = 4096;   // largest valid p_align of a loadable segment
  std::uint64_t table_address = 0;  // virtual address of the program headers, 0 when no segment holds them
};
ElfProgram survey(const ElfHeader& header, std::span<const uapi::Elf64_Phdr> headers);

/// One loadable segment, in pages.
struct ElfSegment {
  std::uint64_t address;               // page-aligned, without the load bias
  std::uint64_t file_offset;           // page-aligned
  std::uint64_t file_bytes;            // page-aligned length of the file mapping; 0: none
  std::uint64_t zero_start, zero_end;  // bytes to clear behind the file's content, within the file mapping's last page
  std::uint64_t extra_start, extra_bytes;  // whole pages of zeroes behind it
  bool readable, writable, executable;
};
/// INVAL: no address space could hold the segment.
Result<ElfSegment> plan_segment(const uapi::Elf64_Phdr& header);

}  // namespace k::task
