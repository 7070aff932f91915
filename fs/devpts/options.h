/// devpts's mount options.
///
/// Errors      parse: INVAL.
/// Source      Linux's filesystems/devpts.
#pragma once

#include <optional>
#include <string_view>

#include "fs/vfs/inode.h"
#include "kernel/lib/result.h"

namespace k::fs {

class OptionSink;

struct DevptsOptions {
  static constexpr unsigned kUnlimited = 1u << 20;  // as many as there are minor numbers
  std::uint32_t mode = 0600, ptmx_mode = 0000;
  std::optional<Uid> uid;  // without: the opener's
  std::optional<Gid> gid;
  unsigned max = kUnlimited;

  /// "newinstance,mode=620,ptmxmode=666,gid=5,uid=0,max=100".
  static Result<DevptsOptions> parse(std::string_view text);
  void show(OptionSink& sink) const;
};

}  // namespace k::fs
