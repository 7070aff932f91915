/// What uname(2) says: host and domain name can be set.
/// Lock order  Rank::task, a leaf.
/// Source      uname(2), sethostname(2).
#pragma once

#include <span>
#include <string_view>

#include "kernel/lib/result.h"

namespace k::task {

inline constexpr std::string_view kSystemName = "Linux";
inline constexpr std::string_view kRelease = "6.1.0-hardtack";
inline constexpr std::string_view kVersion = "#1 SMP PREEMPT";
inline constexpr std::string_view kMachine = "x86_64", kMachine32 = "i686";
inline constexpr std::size_t kNameMax = 64;

enum class SystemName : bool { host, domain };
/// Copies the name into `out` (of at least kNameMax bytes); returns its length.
std::size_t get_name(SystemName which, std::span<char> out);
/// At most kNameMax bytes.
void set_name(SystemName which, std::string_view name);

}  // namespace k::task
