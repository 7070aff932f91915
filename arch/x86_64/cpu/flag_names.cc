// The "flags" line of /proc/cpuinfo. Source: Intel SDM volume 2, CPUID; names as Linux prints them.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "arch/include/arch/cpu.h"
#include "arch/x86_64/cpu/cpuid.h"

namespace k::arch {
namespace {

enum class Word : std::uint8_t { edx, ecx, ebx, eax };

/// Names of one register's bits, lowest first, separated by spaces; "-" is a bit without a name.
struct Group {
  std::uint32_t leaf, subleaf;
  Word word;
  std::string_view names;
};

constexpr Group kGroups[] = {
    {1, 0, Word::edx,
     "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse "
     "sse2 ss ht tm ia64 "
     "pbe"},
    {0x8000'0001, 0, Word::edx,
     "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow"},
    {0x8000'0007, 0, Word::edx, "- - - - - - - - constant_tsc"},
    {1, 0, Word::ecx,
     "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 "
     "x2apic movbe popcnt "
     "tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor"},
    {0x8000'0001, 0, Word::ecx,
     "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 "
     "tce - nodeid_msr "
     "- tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc mwaitx"},
    {7, 0, Word::ebx,
     "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx "
     "smap avx512ifma - "
     "clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl"},
    {13, 1, Word::eax, "xsaveopt xsavec xgetbv1 xsaves"},
    {7, 0, Word::ecx,
     "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg - "
     "avx512_vpopcntdq - la57 - - - - - "
     "rdpid"},
    {7, 0, Word::edx, "- - - avx512_4fmaps - fsrm"},
};

std::uint32_t read(const Group& g) {
  const Cpuid r = cpuid(g.leaf, g.subleaf);
  switch (g.word) {
    case Word::edx:
      return r.edx;
    case Word::ecx:
      return r.ecx;
    case Word::ebx:
      return r.ebx;
    case Word::eax:
      return r.eax;
  }
  return 0;
}

/// Text that is cut off at the end of its buffer.
class Line {
 public:
  Line(char* out, std::size_t size) : out_(out), size_(size) {}
  void add(std::string_view name) {
    if (used_ > 0) put(" ");
    put(name);
  }
  std::size_t length() const { return used_; }

 private:
  void put(std::string_view text) {
    const std::size_t n = std::min(text.size(), size_ - used_);
    std::memcpy(out_ + used_, text.data(), n);
    used_ += n;
  }
  char* out_;
  std::size_t size_, used_ = 0;
};

}  // namespace

std::size_t cpu_flag_names(char* out, std::size_t size) {
  Line line{out, size};
  for (const Group& group : kGroups) {
    std::uint32_t bits = read(group);
    std::string_view names = group.names;
    for (; bits != 0 && !names.empty(); bits >>= 1) {
      const std::string_view name = names.substr(0, names.find(' '));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if ((bits & 1) != 0 && name != "-") line.add(name);
    }
  }
  return line.length();
}

}  // namespace k::arch
