// The input half of N_TTY: mapping, flow control, signals, storing, reading.
#include <asm/signal.h>

#include <algorithm>

#include "drivers/tty/line_discipline.h"

namespace k::drivers {

void LineDiscipline::set_termios(const Termios& t) {
  const bool was = termios_.canonical();
  termios_ = t;
  if (was != t.canonical()) {
    if (t.canonical()) {
      queue_.become_canonical();
    } else {
      queue_.become_raw();
    }
    literal_next_ = false;
    erasing_ = false;
  }
  if (!t.input(IXON)) restart_output();
}

void LineDiscipline::stop_output() {
  if (stopped_) return;
  stopped_ = true;
  port_.set_stopped(true);
}

void LineDiscipline::restart_output() {
  if (!stopped_ || held_) return;
  stopped_ = false;
  port_.set_stopped(false);
}

void LineDiscipline::hold_output(bool hold) {
  if (held_ == hold) return;
  held_ = hold;
  if (hold) {
    stop_output();
  } else {
    restart_output();
  }
}

void LineDiscipline::flush_input() {
  queue_.clear();
  port_.input_flushed();
}

std::size_t LineDiscipline::room() const {
  constexpr std::size_t kUsable = InputQueue::kCapacity - 1;  // the last place is the line end's
  const std::size_t each = termios_.input(PARMRK) ? 3 : 1;    // a broken byte is stored with its mark
  if (queue_.size() < kUsable) return (kUsable - queue_.size() + each - 1) / each;
  return termios_.canonical() && !queue_.has_line() ? 1 : 0;
}

void LineDiscipline::receive(char c) {
  if (termios_.input(ISTRIP)) c = static_cast<char>(c & 0x7f);
  if (termios_.input(IUCLC) && termios_.local(IEXTEN) && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (termios_.local(EXTPROC)) return store(c);
  if (literal_next_) {
    literal_next_ = false;
    if (termios_.local(ECHO)) {
      finish_erasing();
      echo_input(c);
    }
    store(c);
    return;
  }
  if (receive_flow_control(c) || receive_signal(c)) return;
  if (termios_.input(IXON) && termios_.input(IXANY)) restart_output();
  if (c == '\r') {
    if (termios_.input(IGNCR)) return;
    if (termios_.input(ICRNL)) c = '\n';
  } else if (c == '\n' && termios_.input(INLCR)) {
    c = '\r';
  }
  if (termios_.canonical()) {
    receive_canonical(c);
  } else {
    receive_raw(c);
  }
}

void LineDiscipline::receive_break() {
  if (termios_.input(IGNBRK)) return;
  if (termios_.input(BRKINT)) {
    flush_input();
    port_.discard_output();
    port_.raise(SIGINT);
    return;
  }
  if (termios_.input(PARMRK)) {
    store('\xff');
    store('\0');
  }
  store('\0');
}

bool LineDiscipline::receive_flow_control(char c) {
  if (!termios_.input(IXON)) return false;
  if (termios_.is(c, VSTART)) {
    restart_output();
    return true;
  }
  if (termios_.is(c, VSTOP)) {
    stop_output();
    return true;
  }
  return false;
}

bool LineDiscipline::receive_signal(char c) {
  if (!termios_.local(ISIG)) return false;
  const int signal = termios_.is(c, VINTR)   ? SIGINT
                     : termios_.is(c, VQUIT) ? SIGQUIT
                     : termios_.is(c, VSUSP) ? SIGTSTP
                                             : 0;
  if (signal == 0) return false;
  if (!termios_.local(NOFLSH)) {
    flush_input();
    port_.discard_output();
  }
  if (termios_.input(IXON)) restart_output();
  if (termios_.local(ECHO)) echo_input(c);
  port_.raise(signal);
  return true;
}

void LineDiscipline::receive_raw(char c) {
  if (termios_.local(ECHO)) echo_input(c);
  if (queue_.full()) {
    ring_bell();
    return;
  }
  push(c);
}

bool LineDiscipline::ends_line(char c) const {
  return c == '\n' || termios_.is(c, VEOL) || (termios_.is(c, VEOL2) && termios_.local(IEXTEN));
}

void LineDiscipline::receive_canonical(char c) {
  if (receive_editing(c)) return;
  if (termios_.is(c, VEOF)) {
    if (!queue_.full()) queue_.push_marked('\0', InputQueue::Mark::end_of_file);
    return;
  }
  if (ends_line(c)) {
    finish_line(c);
    return;
  }
  if (queue_.size() + 1 >= InputQueue::kCapacity) {  // the last place is the line end's
    ring_bell();
    return;
  }
  if (termios_.local(ECHO)) {
    finish_erasing();
    echo_input(c);
  }
  push(c);
}

/// Under PARMRK a byte of all ones is doubled, so that it is no mark.
void LineDiscipline::push(char c) {
  if (c == '\xff' && termios_.input(PARMRK) && queue_.size() + 1 < InputQueue::kCapacity) queue_.push(c);
  queue_.push(c);
}

void LineDiscipline::finish_line(char c) {
  if (queue_.full()) {
    ring_bell();
    return;
  }
  const bool newline_only = c == '\n' && termios_.local(ECHONL);
  if (termios_.local(ECHO) || newline_only) echo_input(c);
  queue_.push_marked(c, InputQueue::Mark::line_end);
}

void LineDiscipline::store(char c) {
  if (queue_.size() + 1 >= InputQueue::kCapacity) return ring_bell();
  queue_.push(c);
}

bool LineDiscipline::readable(std::size_t min) const {
  return termios_.canonical() ? queue_.has_line() : queue_.raw_available() >= min;
}

std::size_t LineDiscipline::available() const {
  return termios_.canonical() ? queue_.size() - queue_.editing() : queue_.raw_available();
}

Result<std::size_t> LineDiscipline::take(IoBuffer& to) {
  InputQueue::Line line{std::min(to.remaining(), queue_.raw_available()), InputQueue::Mark::none};
  if (termios_.canonical()) line = queue_.first_line(to.remaining());
  std::size_t moved = 0;
  while (moved < line.bytes) {
    const char* start = nullptr;
    const std::size_t run = queue_.front(line.bytes - moved, &start);
    const auto n = to.copy_in(start, run);
    if (!n) {
      if (moved > 0) return moved;
      return n;
    }
    queue_.drop_front(*n);
    moved += *n;
    if (*n < run) return moved;
  }
  if (line.mark == InputQueue::Mark::end_of_file) queue_.drop_mark();
  return moved;
}

}  // namespace k::drivers
