#include "elf.h"

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "files.h"

namespace systest {

std::string ElfImage::bytes() const {
  std::string all(reinterpret_cast<const char*>(&header), sizeof header);
  all.append(reinterpret_cast<const char*>(segments.data()), segments.size() * sizeof(Elf64_Phdr));
  all.resize(kBodyOffset);
  return all + body;
}

ElfImage program(const std::string& code, Elf64_Half type) {
  ElfImage image;
  auto& h = image.header;
  memcpy(h.e_ident, ELFMAG, SELFMAG);
  h.e_ident[EI_CLASS] = ELFCLASS64;
  h.e_ident[EI_DATA] = ELFDATA2LSB;
  h.e_ident[EI_VERSION] = EV_CURRENT;
  h.e_type = type;
  h.e_machine = EM_X86_64;
  h.e_version = EV_CURRENT;
  h.e_entry = type == ET_DYN ? ElfImage::kBodyOffset : ElfImage::kBase;
  h.e_phoff = sizeof h;
  h.e_ehsize = sizeof h;
  h.e_phentsize = sizeof(Elf64_Phdr);
  h.e_phnum = 1;
  image.segments = {{.p_type = PT_LOAD,
                     .p_flags = PF_R | PF_X,
                     .p_offset = ElfImage::kBodyOffset,
                     .p_vaddr = h.e_entry,
                     .p_paddr = h.e_entry,
                     .p_filesz = code.size(),
                     .p_memsz = code.size(),
                     .p_align = 4096}};
  image.body = code;
  return image;
}

static constexpr char kExitGroup[] = "\xb8\xe7\x00\x00\x00\x0f\x05";  // mov $231,%eax; syscall

static std::string then_exit(std::string code) { return code.append(kExitGroup, sizeof kExitGroup - 1); }

std::string code_exit(unsigned char code) {  // mov $code,%edi
  return then_exit(std::string("\xbf", 1) + static_cast<char>(code) + std::string(3, '\0'));
}

std::string code_exit_argc() { return then_exit("\x8b\x3c\x24"); }  // mov (%rsp),%edi

std::string code_exit_byte_at(Elf64_Addr address) {  // movzbl address,%edi
  std::string code = "\x0f\xb6\x3c\x25";
  for (int shift = 0; shift < 32; shift += 8) code += static_cast<char>(address >> shift);
  return then_exit(code);
}

void install(const char* path, const ElfImage& image) { put(path, image.bytes(), 0755); }

void PrintTo(const Execed& e, std::ostream* os) {
  e.error.empty() ? *os << "ran, outcome " << e.outcome : *os << "refused with " << e.error;
}

Execed exec_of(const char* path) {
  auto pipe = make_pipe(O_CLOEXEC);
  const pid_t pid = spawn([&] {
    char* const argv[] = {const_cast<char*>(path), nullptr};
    char* const environment[] = {nullptr};
    execve(path, argv, environment);
    const char* name = strerrorname_np(errno);
    EXPECT_GT(write(pipe.write, name, strlen(name)), 0);
  });
  pipe.write.reset();
  const std::string error = read_some(pipe.read);
  const int outcome = reap(pid);
  return error.empty() ? ran(outcome) : refused(error.c_str());
}

static std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (const auto& s : strings) all.push_back(const_cast<char*>(s.c_str()));
  all.push_back(nullptr);
  return all;
}

std::string output_of(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  auto pipe = make_pipe(O_CLOEXEC);
  const pid_t pid = spawn([&] {
    dup2(pipe.write, STDOUT_FILENO);
    execve(argv[0].c_str(), pointers(argv).data(), pointers(environment).data());
    const char* name = strerrorname_np(errno);
    EXPECT_GT(write(STDOUT_FILENO, name, strlen(name)), 0);
  });
  pipe.write.reset();
  std::string all;
  for (auto part = read_some(pipe.read); !part.empty(); part = read_some(pipe.read)) all += part;
  EXPECT_EQ(reap(pid), 0);
  return all;
}

}  // namespace systest
