// /proc/sys: what sysctl(8) and programs read of the kernel's settings.
#include <linux/capability.h>
#include <linux/limits.h>

#include <array>

#include "fs/procfs/entry.h"
#include "fs/procfs/setting.h"
#include "fs/procfs/sys_ipc.h"
#include "fs/procfs/sys_kernel.h"
#include "kernel/irq/entropy.h"
#include "kernel/task/system_identity.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

using task::SystemName;

template <SystemName Which>
Result<void> show_name(const Subject&, TextBuffer& out) {
  std::array<char, task::kNameMax> text;
  const std::size_t n = task::get_name(Which, text);
  out.print("{}\n", std::string_view{text.data(), n});
  return {};
}

template <SystemName Which>
Result<void> store_name(const Subject&, std::string_view text) {
  if (!task::current().creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
  task::set_name(Which, text.substr(0, task::kNameMax));
  return {};
}

template <const std::string_view& Text>
Result<void> show_text(const Subject&, TextBuffer& out) {
  out.print("{}\n", Text);
  return {};
}

/// A random (version 4) UUID. Source: RFC 9562.
void put_uuid(TextBuffer& out, std::array<std::byte, 16> raw) {
  raw[6] = (raw[6] & std::byte{0x0f}) | std::byte{0x40};
  raw[8] = (raw[8] & std::byte{0x3f}) | std::byte{0x80};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.put('-');
    out.print("{:02x}", std::to_integer<unsigned>(raw[i]));
  }
  out.put('\n');
}

Result<void> show_uuid(const Subject&, TextBuffer& out) {
  std::array<std::byte, 16> raw;
  irq::fill_random(raw);
  put_uuid(out, raw);
  return {};
}

/// The same until the next boot.
Result<void> show_boot_id(const Subject&, TextBuffer& out) {
  static const std::array<std::byte, 16> raw = [] {
    std::array<std::byte, 16> bytes;
    irq::fill_random(bytes);
    return bytes;
  }();
  put_uuid(out, raw);
  return {};
}

Result<void> show_threads_max(const Subject&, TextBuffer& out) {
  out.print("{}\n", task::kPidMax - task::kFirstPidAfterWrap);
  return {};
}

constexpr std::int64_t kPoolBits = 256;
constexpr Entry kRandom[] = {
    file("uuid", show_uuid),
    file("boot_id", show_boot_id),
    file("entropy_avail", show_number<kPoolBits>),
    file("poolsize", show_number<kPoolBits>),
};
constexpr DirectoryTable kRandomDirectory{kRandom};

constexpr Entry kKernel[] = {
    file("ostype", show_text<task::kSystemName>),
    file("osrelease", show_text<task::kRelease>),
    file("version", show_text<task::kVersion>),
    writable_file("hostname", show_name<SystemName::host>, store_name<SystemName::host>),
    writable_file("domainname", show_name<SystemName::domain>, store_name<SystemName::domain>),
    file("pid_max", show_number<task::kPidMax>),
    file("threads-max", show_threads_max),
    file("ngroups_max", show_number<NGROUPS_MAX>),
    file("cap_last_cap", show_number<CAP_LAST_CAP>),
    file("overflowuid", show_number<65534>),
    file("overflowgid", show_number<65534>),
    file("randomize_va_space", show_number<2>),
    writable_file("core_pattern", show_core_pattern, store_core_pattern),
    kShmmax,
    kShmall,
    kShmmni,
    kMsgmax,
    kMsgmnb,
    kMsgmni,
    kSem,
    directory("random", kRandomDirectory),
};
constexpr DirectoryTable kKernelDirectory{kKernel};

constexpr Entry kSys[] = {
    directory("kernel", kKernelDirectory),
    directory("fs", kSysFilesDirectory),
    directory("vm", kSysMemoryDirectory),
};

}  // namespace

constexpr DirectoryTable kSysDirectory{kSys};

}  // namespace k::fs::proc
