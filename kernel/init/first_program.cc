#include "kernel/init/first_program.h"

#include <algorithm>
#include <array>

#include "fs/vfs/open.h"
#include "kernel/log/log.h"
#include "kernel/task/exec.h"

namespace k::init {
namespace {

constexpr std::string_view kCandidates[] = {"/init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};

Result<void> try_program(Task& self, const CommandLine& line, std::string_view path) {
  const fs::LookupContext context{self.fs_context(), self.creds()};
  auto file = TRY(fs::open_program(context, fs::WalkBase::cwd(), path, fs::WalkPolicy{}));
  std::array<const char*, CommandLine::kMaxArguments + 1> argv;
  argv[0] = path.data();
  const auto end = std::copy(line.arguments().begin(), line.arguments().end(), argv.begin() + 1);
  task::ExecStrings strings;
  strings.from_kernel = true;
  strings.kernel_argv = {argv.data(), static_cast<std::size_t>(end - argv.begin())};
  strings.kernel_envp = line.environment();
  log::info("Run {} as init process", path);
  return task::exec(self, std::move(file), path, strings);
}

void report(std::string_view path, Errno error) {
  log::error("Starting init: {} failed with error {}", path, static_cast<int>(error));
}

}  // namespace

void run_first_program(Task& self, const CommandLine& line) {
  self.is_user = true;
  if (const std::string_view requested = line.init(); !requested.empty()) {
    const auto started = try_program(self, line, requested);
    if (!started) panic("Requested init {} failed (error {})", requested, static_cast<int>(started.error()));
    return;
  }
  for (const std::string_view path : kCandidates) {
    const auto started = try_program(self, line, path);
    if (started) return;
    // A file that is there and does not run is worth a message; the search goes on.
    if (started.error() != Errno::noent) report(path, started.error());
  }
  panic(
      "No working init found: tried /init, /sbin/init, /etc/init, /bin/init and /bin/sh. Pass init= on the command "
      "line.");
}

}  // namespace k::init
