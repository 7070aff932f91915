#include "fs/devpts/options.h"

#include <algorithm>
#include <charconv>

#include "fs/vfs/superblock.h"
#include "kernel/lib/format.h"

namespace k::fs {
namespace {

Result<std::uint32_t> number(std::string_view text, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return err(Errno::inval);
  return value;
}

Result<void> set_option(DevptsOptions& options, std::string_view key, std::string_view value) {
  if (key == "newinstance") return {};  // every mount is one
  if (key == "mode") {
    options.mode = TRY(number(value, 8)) & S_IALLUGO;
  } else if (key == "ptmxmode") {
    options.ptmx_mode = TRY(number(value, 8)) & S_IALLUGO;
  } else if (key == "uid") {
    options.uid = TRY(number(value, 10));
  } else if (key == "gid") {
    options.gid = TRY(number(value, 10));
  } else if (key == "max") {
    options.max = TRY(number(value, 10));
    if (options.max > DevptsOptions::kUnlimited) return err(Errno::inval);
  } else {
    return err(Errno::inval);
  }
  return {};
}

void show_mode(OptionSink& sink, std::string_view key, std::uint32_t mode) {
  char text[24];
  sink.add({text, lib::format_to(text, "{}={:03o}", key, mode)});
}

}  // namespace

Result<DevptsOptions> DevptsOptions::parse(std::string_view text) {
  DevptsOptions options;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    TRY(set_option(options, item.substr(0, equals), item.substr(std::min(equals + 1, item.size()))));
  }
  return options;
}

void DevptsOptions::show(OptionSink& sink) const {
  if (uid) sink.add("uid", *uid);
  if (gid) sink.add("gid", *gid);
  show_mode(sink, "mode", mode);
  show_mode(sink, "ptmxmode", ptmx_mode);
  if (max < kUnlimited) sink.add("max", max);
}

}  // namespace k::fs
