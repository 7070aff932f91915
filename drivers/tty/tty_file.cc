#include "drivers/tty/tty_file.h"

#include <asm/ioctls.h>
#include <linux/capability.h>

#include "fs/vfs/char_device.h"
#include "fs/vfs/credentials.h"

namespace k::drivers {
namespace {

Tty* g_console = nullptr;

enum class Ends : bool { with_hang_up, never };

class TtyFile final : public fs::File {
 public:
  TtyFile(const fs::PathRef& path, lib::Flags flags, Ref<Tty> tty, Ends ends)
      : File(path, flags, Position::none), opening_(tty->opening(ends == Ends::never)), tty_(std::move(tty)) {}

  // What a hung-up terminal answers is Linux's; termios(3) leaves part of it open.
  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override {
    if (ended()) [[unlikely]]
      return 0;
    return tty_->read(to, !at.blocking, opening_);
  }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override {
    if (ended()) [[unlikely]]
      return err(Errno::io);
    return tty_->write(from, !at.blocking, opening_);
  }
  sync::PollEvents poll(sync::PollTable* table) override {
    const sync::PollEvents now = tty_->poll(table);
    if (!ended()) [[likely]]
      return now;
    return sync::kReadable | sync::kWritable | sync::PollEvent::err | sync::PollEvent::hup;
  }
  fs::AsyncPlaces async_places() override { return tty_->async_places(); }
  Result<long> ioctl(unsigned command, IoctlArg argument) override {
    if (ended()) [[unlikely]]
      return err(command == TIOCSPGRP ? Errno::notty : Errno::io);
    return tty_->ioctl(command, argument, {.readable = readable()});
  }
  Result<Ref<fs::File>> open_related(unsigned command, lib::Flags) override {
    return err(command == TIOCGPTPEER ? Errno::io : Errno::notty);
  }

 private:
  bool ended() const { return tty_->ended(opening_); }
  /// The terminal goes now, not a grace period later: a pseudo-terminal's number is free again.
  void closed() override {
    tty_->file_closed();
    tty_.reset();
  }

  const TtyOpening opening_;
  RefOrNull<Tty> tty_;
};

Result<Ref<fs::File>> make_file(Tty& tty, const fs::OpenRequest& request, Ends ends) {
  TRY(tty.file_opened(request.credentials.has(CAP_SYS_ADMIN)));
  auto made = make_ref<TtyFile>(request.path, request.flags, Ref<Tty>::share(tty), ends);
  if (!made) {
    tty.file_closed();
    return err(made.error());
  }
  return Ref<fs::File>{*std::move(made)};
}

Result<Ref<fs::File>> open_controlling(const fs::OpenRequest& request) {
  const RefOrNull<Terminal> own = job_control().controlling_terminal();
  if (!own) return err(Errno::nxio);
  // Tty is the one kind of Terminal there is.
  return open_tty(static_cast<Tty&>(*own), {request.path, request.flags.with(O_NOCTTY), request.credentials});
}

Result<Ref<fs::File>> open_console(const fs::OpenRequest& request) {
  if (g_console == nullptr) return err(Errno::nodev);
  return make_file(*g_console, request, Ends::never);
}

}  // namespace

Result<Ref<fs::File>> open_tty(Tty& tty, const fs::OpenRequest& request) {
  auto file = TRY(make_file(tty, request, Ends::with_hang_up));
  if (!request.flags.has(O_NOCTTY) && file->readable()) job_control().acquire_on_open(tty);
  return file;
}

Result<void> register_tty_aliases(Tty& console) {
  g_console = &console;
  TRY(fs::register_char_device(5, 0, "tty", 0666, open_controlling));
  TRY(fs::register_char_device(5, 1, "console", 0600, open_console));
  return {};
}

}  // namespace k::drivers
