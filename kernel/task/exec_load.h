/// Puts an ELF program's segments into an address space.
/// Context     task context; the space need not be loaded.
/// Errors      as mmap(2); INVAL for a segment that fits nowhere. At that time the old program is gone already.
/// Source      elf(5).
#pragma once

#include "fs/vfs/file.h"
#include "kernel/task/exec_elf.h"
#include "mm/vm/address_space.h"

namespace k::task {

using ElfTable = std::array<uapi::Elf64_Phdr, kMaxProgramHeaderBytes / sizeof(uapi::Elf64_Phdr)>;

/// The headers of one ELF file, read and checked.
struct ElfFile {
  ElfHeader header;
  ElfProgram program;
  Box<ElfTable> table;
  std::span<const uapi::Elf64_Phdr> headers() const { return {table->data(), header.headers}; }

  static Result<ElfFile> read(fs::File& file, ProgramHead head, ElfRole role);
};

struct LoadedElf {
  std::uint64_t bias = 0, entry = 0;
  std::uint64_t start_code = 0, end_code = 0, start_data = 0, end_data = 0;
  std::uint64_t end = 0;  // past the last byte of any segment
};

/// `bias` is added to every address.
Result<LoadedElf> load_elf(mm::AddressSpace& space, fs::File& file, const ElfFile& elf, std::uint64_t bias,
                           const mm::MemoryLimits& limits);
/// A bias that puts a position-independent file where the space has room, as mmap would.
Result<std::uint64_t> find_bias(mm::AddressSpace& space, const ElfFile& elf, const mm::MemoryLimits& limits);

}  // namespace k::task
