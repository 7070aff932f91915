#include "drivers/tty/tty_file.h"

#include <asm/ioctls.h>

#include "fs/vfs/char_device.h"

namespace k::drivers {
namespace {

Tty* g_console = nullptr;

enum class Ends : bool { with_hang_up, never };

class TtyFile final : public fs::File {
 public:
  TtyFile(const fs::PathRef& path, lib::Flags flags, Tty& tty, Ends ends)
      : File(path, flags, Position::none), tty_(tty), opening_(tty.opening(ends == Ends::never)) {}

  // What a hung-up terminal answers is Linux's; termios(3) leaves part of it open.
  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override {
    if (ended()) [[unlikely]]
      return 0;
    return tty_.read(to, !at.blocking, opening_);
  }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override {
    if (ended()) [[unlikely]]
      return err(Errno::io);
    return tty_.write(from, !at.blocking, opening_);
  }
  sync::PollEvents poll(sync::PollTable* table) override {
    const sync::PollEvents now = tty_.poll(table);
    if (!ended()) [[likely]]
      return now;
    return sync::kReadable | sync::kWritable | sync::PollEvent::err | sync::PollEvent::hup;
  }
  Result<long> ioctl(unsigned command, IoctlArg argument) override {
    if (ended()) [[unlikely]]
      return err(command == TIOCSPGRP ? Errno::notty : Errno::io);
    return tty_.ioctl(command, argument);
  }

 private:
  bool ended() const { return tty_.ended(opening_); }

  Tty& tty_;
  const TtyOpening opening_;
};

Result<Ref<fs::File>> open_controlling(const fs::OpenRequest& request) {
  const RefOrNull<Terminal> own = job_control().controlling_terminal();
  if (!own) return err(Errno::nxio);
  // Tty is the one kind of Terminal there is.
  return open_tty(static_cast<Tty&>(*own), {request.path, request.flags.with(O_NOCTTY), request.credentials});
}

Result<Ref<fs::File>> open_console(const fs::OpenRequest& request) {
  if (g_console == nullptr) return err(Errno::nodev);
  Ref<fs::File> file = TRY(make_ref<TtyFile>(request.path, request.flags, *g_console, Ends::never));
  return file;
}

}  // namespace

Result<Ref<fs::File>> open_tty(Tty& tty, const fs::OpenRequest& request) {
  Ref<fs::File> file = TRY(make_ref<TtyFile>(request.path, request.flags, tty, Ends::with_hang_up));
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
