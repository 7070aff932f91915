#include "kernel/task/signal_file.h"

#include "kernel/task/signal.h"
#include "kernel/task/signal_record.h"

namespace k::task {

Result<Ref<SignalFile>> SignalFile::create(SignalSet set, lib::Flags flags) {
  auto* file = new (std::nothrow) SignalFile(set.without(kUnblockable), flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<SignalFile>::adopt(*file);
}

void SignalFile::set_signals(SignalSet set) {
  set_.store(set.without(kUnblockable).bits(), std::memory_order_relaxed);
  current().process().signal_readers.wake_all(sync::kReadable);
}

Result<std::size_t> SignalFile::read(IoBuffer& to, fs::IoAt& at) {
  if (to.remaining() < sizeof(SignalRecord)) return err(Errno::inval);
  Task& self = current();
  std::size_t done = 0;
  while (to.remaining() >= sizeof(SignalRecord)) {
    SignalInfo info = take_pending(self, signals());
    if (info.number == 0) {
      if (done > 0) break;
      if (!at.blocking) return err(Errno::again);
      TRY(self.process().signal_readers.wait_until([&] { return (info = take_pending(self, signals())).number != 0; }));
    }
    const SignalRecord record = record_of(info);
    const auto moved = to.copy_in(&record, sizeof record);
    if (!moved || *moved != sizeof record) return done > 0 ? Result<std::size_t>{done} : err(Errno::fault);
    done += sizeof record;
  }
  return done;
}

sync::PollEvents SignalFile::poll(sync::PollTable* table) {
  Task& self = current();
  if (table != nullptr) table->watch(self.process().signal_readers);
  return has_pending(self, signals()) ? sync::PollEvents{sync::PollEvent::in} : sync::PollEvents{};
}

void SignalFile::show_info(lib::TextBuffer& out) const { out.print("sigmask:\t{:016x}\n", signals().bits()); }

}  // namespace k::task
