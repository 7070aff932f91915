#include "drivers/tty/tty_file.h"

#include "fs/vfs/char_device.h"

namespace k::drivers {
namespace {

Tty* g_console = nullptr;

class TtyFile final : public fs::File {
 public:
  TtyFile(const fs::PathRef& path, lib::Flags flags, Tty& tty) : File(path, flags, Position::none), tty_(tty) {}

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override { return tty_.read(to, !at.blocking); }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override { return tty_.write(from, !at.blocking); }
  sync::PollEvents poll(sync::PollTable* table) override { return tty_.poll(table); }
  Result<long> ioctl(unsigned command, IoctlArg argument) override { return tty_.ioctl(command, argument); }

 private:
  Tty& tty_;
};

Result<Ref<fs::File>> open_controlling(const fs::OpenRequest& request) {
  const RefOrNull<Terminal> own = job_control().controlling_terminal();
  if (!own) return err(Errno::nxio);
  // Tty is the one kind of Terminal there is.
  return open_tty(static_cast<Tty&>(*own), {request.path, request.flags.with(O_NOCTTY), request.credentials});
}

Result<Ref<fs::File>> open_console(const fs::OpenRequest& request) {
  if (g_console == nullptr) return err(Errno::nodev);
  Ref<fs::File> file = TRY(make_ref<TtyFile>(request.path, request.flags, *g_console));
  return file;
}

}  // namespace

Result<Ref<fs::File>> open_tty(Tty& tty, const fs::OpenRequest& request) {
  Ref<fs::File> file = TRY(make_ref<TtyFile>(request.path, request.flags, tty));
  if (!request.flags.has(O_NOCTTY)) job_control().acquire_on_open(tty);
  return file;
}

Result<void> register_tty_aliases(Tty& console) {
  g_console = &console;
  TRY(fs::register_char_device(5, 0, "tty", 0666, open_controlling));
  TRY(fs::register_char_device(5, 1, "console", 0600, open_console));
  return {};
}

}  // namespace k::drivers
