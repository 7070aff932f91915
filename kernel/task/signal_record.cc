#include "kernel/task/signal_record.h"

namespace k::task {
namespace {

enum class Layout : std::uint8_t { sender, timer, poll, fault, child, queued, syscall };

Layout layout_of_kernel_code(int number) {
  switch (number) {
    case SIGILL:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
    case SIGTRAP:
      return Layout::fault;
    case SIGCHLD:
      return Layout::child;
    case SIGSYS:
      return Layout::syscall;
    default:
      return Layout::poll;
  }
}

Layout layout_of(const SignalInfo& info) {
  if (info.code > SI_USER && info.code < SI_KERNEL) return layout_of_kernel_code(info.number);
  if (info.code == SI_TIMER) return Layout::timer;
  if (info.code == SI_SIGIO) return Layout::poll;
  return info.code < 0 && info.code != SI_TKILL ? Layout::queued : Layout::sender;
}

void put_sender(SignalRecord& out, std::int32_t pid, std::uint32_t uid) {
  out.ssi_pid = static_cast<std::uint32_t>(pid);
  out.ssi_uid = uid;
}

void put_value(SignalRecord& out, std::uint64_t value) {
  out.ssi_ptr = value;
  out.ssi_int = static_cast<std::int32_t>(value);
}

}  // namespace

SignalRecord record_of(const SignalInfo& info) {
  SignalRecord out{};
  out.ssi_signo = static_cast<std::uint32_t>(info.number);
  out.ssi_errno = info.error;
  out.ssi_code = info.code;
  const SignalInfo::Fields& f = info.fields;
  switch (layout_of(info)) {
    case Layout::sender:
      put_sender(out, f.sender.pid, f.sender.uid);
      break;
    case Layout::queued:
      put_sender(out, f.sender.pid, f.sender.uid);
      put_value(out, f.sender.value);
      break;
    case Layout::timer:
      out.ssi_tid = static_cast<std::uint32_t>(f.timer.id);
      out.ssi_overrun = static_cast<std::uint32_t>(f.timer.overrun);
      put_value(out, f.timer.value);
      break;
    case Layout::poll:
      out.ssi_band = static_cast<std::uint32_t>(f.poll.band);
      out.ssi_fd = f.poll.fd;
      break;
    case Layout::fault:
      out.ssi_addr = f.fault.address;
      if (info.number == SIGBUS) out.ssi_addr_lsb = static_cast<std::uint16_t>(f.fault.address_lsb);
      break;
    case Layout::child:
      put_sender(out, f.child.pid, f.child.uid);
      out.ssi_status = f.child.status;
      out.ssi_utime = static_cast<std::uint64_t>(f.child.user_ticks);
      out.ssi_stime = static_cast<std::uint64_t>(f.child.system_ticks);
      break;
    case Layout::syscall:
      out.ssi_call_addr = f.syscall.call_address;
      out.ssi_syscall = f.syscall.number;
      out.ssi_arch = f.syscall.arch;
      break;
  }
  return out;
}

}  // namespace k::task
