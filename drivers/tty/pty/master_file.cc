// The open file description of a master, and how opening ptmx comes by one.
#include "drivers/tty/pty/pty.h"
#include "drivers/tty/tty_file.h"

namespace k::drivers {
namespace {

class MasterFile final : public fs::File {
 public:
  MasterFile(const fs::PathRef& path, lib::Flags flags, Ref<Pty> pty)
      : File(path, flags, Position::none), pty_(std::move(pty)) {}

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override { return pty_->master_read(to, !at.blocking); }
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override { return pty_->master_write(from, !at.blocking); }
  sync::PollEvents poll(sync::PollTable* table) override { return pty_->master_poll(table); }
  fs::AsyncPlaces async_places() override { return pty_->master_async_places(); }
  Result<long> ioctl(unsigned command, IoctlArg argument) override {
    return pty_->master_ioctl(command, argument, {.readable = readable()});
  }
  Result<Ref<fs::File>> open_related(unsigned command, lib::Flags flags) override {
    if (command != TIOCGPTPEER) return err(Errno::notty);
    return pty_->entry().open_slave(*this, flags);
  }

 private:
  void closed() override {
    pty_->master_closed();
    pty_.reset();
  }

  RefOrNull<Pty> pty_;
};

class Slave final : public fs::PtySlave {
 public:
  explicit Slave(Ref<Pty> pty) : pty_(std::move(pty)) {}
  Result<Ref<fs::File>> open(const fs::OpenRequest& request) override { return open_tty(*pty_, request); }

 private:
  const Ref<Pty> pty_;
};

Result<fs::PtyPair> make_pair(const fs::OpenRequest& ptmx, Ref<fs::PtyEntry> entry) {
  auto pty = TRY(make_ref<Pty>(std::move(entry)));
  auto slave = TRY(make_ref<Slave>(pty));
  auto master = TRY(make_ref<MasterFile>(ptmx.path, ptmx.flags, std::move(pty)));
  return fs::PtyPair{std::move(master), std::move(slave)};
}

}  // namespace

void register_pty() { fs::set_pty_maker(make_pair); }

}  // namespace k::drivers
