/// ELF images made by hand, so that a test can break exactly one field.
#pragma once

#include <elf.h>

#include <string>
#include <vector>

namespace systest {

/// A 64-bit executable: header, program headers, then `body` from the first page boundary on.
struct ElfImage {
  static constexpr Elf64_Addr kBase = 0x10000000;
  static constexpr Elf64_Off kBodyOffset = 4096;

  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments;
  std::string body;

  std::string bytes() const;
};

/// One read-execute segment at kBase holding `code`, entered at its first byte.
ElfImage program(const std::string& code, Elf64_Half type = ET_EXEC);

/// x86-64 machine code that ends the process with `code`; with the count of arguments; with the byte
/// at a 31-bit address.
std::string code_exit(unsigned char code);
std::string code_exit_argc();
std::string code_exit_byte_at(Elf64_Addr address);

/// Writes the image to `path`, mode 0755.
void install(const char* path, const ElfImage& image);

/// What became of execve("PATH", {PATH}, {}) in a child: an errno name and 0, or "" and the outcome.
struct Execed {
  std::string error;
  int outcome;
  friend bool operator==(const Execed&, const Execed&) = default;
};
void PrintTo(const Execed& e, std::ostream* os);
Execed exec_of(const char* path);
inline Execed refused(const char* error) { return {error, 0}; }
inline Execed ran(int outcome) { return {"", outcome}; }

/// What a program printed on standard output; `ERRNAME` if it could not be executed.
std::string output_of(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});

}  // namespace systest
