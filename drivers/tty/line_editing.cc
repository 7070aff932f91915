// The editing half of N_TTY: erase, word erase, kill, reprint, and how they look on the screen.
#include <algorithm>
#include <array>
#include <utility>

#include "drivers/tty/line_discipline.h"

namespace k::drivers {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
constexpr std::size_t kTab = 8;

}  // namespace

bool LineDiscipline::receive_editing(char c) {
  const bool extended = termios_.local(IEXTEN);
  if (termios_.is(c, VERASE)) {
    if (queue_.editing() > 0) erase_character(Erase::character);
    if (queue_.editing() == 0) finish_erasing();
  } else if (termios_.is(c, VKILL)) {
    kill_line();
  } else if (extended && termios_.is(c, VWERASE)) {
    erase_word();
  } else if (extended && termios_.is(c, VLNEXT)) {
    literal_next_ = true;
    finish_erasing();
    if (termios_.local(ECHO) && termios_.local(ECHOCTL)) port_.echo(std::array{'^', '\b'});
  } else if (extended && termios_.is(c, VREPRINT)) {
    reprint();
  } else {
    return false;
  }
  return true;
}

/// One character, which in UTF-8 may be several bytes.
void LineDiscipline::erase_character(Erase part) {
  std::array<char, 8> bytes;
  std::size_t first = bytes.size();
  do {
    bytes[--first] = queue_.pop_back();
  } while (termios_.input(IUTF8) && is_continuation(bytes[first]) && queue_.editing() > 0 && first > 0);
  erase_echo(std::span{bytes}.subspan(first), part);
}

void LineDiscipline::erase_word() {
  bool in_word = false;
  while (queue_.editing() > 0) {
    if (is_word(queue_.back())) {
      in_word = true;
    } else if (in_word) {
      return;
    }
    erase_character(Erase::word);
  }
  finish_erasing();
}

void LineDiscipline::kill_line() {
  if (queue_.editing() == 0) return;
  const bool visually =
      termios_.local(ECHO) && termios_.local(ECHOK) && termios_.local(ECHOKE) && termios_.local(ECHOE);
  if (visually) {
    while (queue_.editing() > 0) erase_character(Erase::line);
    return finish_erasing();
  }
  while (queue_.editing() > 0) queue_.pop_back();
  if (!termios_.local(ECHO)) return;
  finish_erasing();
  echo_input(static_cast<char>(termios_.raw.c_cc[VKILL]));
  if (termios_.local(ECHOK)) echo_text(std::array{'\n'});
}

/// Shows that `removed` (already gone from the queue) is gone from the screen, too.
void LineDiscipline::erase_echo(std::span<const char> removed, Erase part) {
  if (!termios_.local(ECHO)) return;
  if (termios_.local(ECHOPRT)) return show_erased(removed);
  if (part == Erase::character && !termios_.local(ECHOE)) {
    echo_input(static_cast<char>(termios_.raw.c_cc[VERASE]));
    return;
  }
  const char first = removed.front();
  if (first == '\t') return wipe_tab();
  std::size_t cells = 1;
  if (is_control(first)) cells = termios_.local(ECHOCTL) ? 2 : 0;
  for (std::size_t i = 0; i < cells; ++i) port_.echo(std::array{'\b', ' ', '\b'});
  column_ -= std::min(column_, cells);
}

/// ECHOPRT: what goes is printed again, between a backslash and a slash, as a hardcopy terminal needs it.
void LineDiscipline::show_erased(std::span<const char> removed) {
  if (!erasing_) echo_text(std::array{'\\'});
  erasing_ = true;
  for (const char c : removed) echo_input(c);
}

void LineDiscipline::finish_erasing() {
  if (!std::exchange(erasing_, false) || !termios_.local(ECHO)) return;
  echo_text(std::array{'/'});
}

/// A tab goes back to where the line, as far as this terminal's input knows it, had come to.
void LineDiscipline::wipe_tab() {
  std::size_t column = 0;
  for (std::size_t i = 0; i < queue_.editing(); ++i) {
    const char c = queue_.edited(i);
    if (c == '\t') {
      column |= kTab - 1;
    } else if (is_control(c)) {
      column += termios_.local(ECHOCTL) ? 1 : 0;
    } else if (termios_.input(IUTF8) && is_continuation(c)) {
      continue;
    }
    ++column;
  }
  const std::size_t cells = kTab - column % kTab;
  for (std::size_t i = 0; i < cells; ++i) port_.echo(std::array{'\b'});
  column_ -= std::min(column_, cells);
}

void LineDiscipline::reprint() {
  if (!termios_.local(ECHO)) return;
  finish_erasing();
  echo_input(static_cast<char>(termios_.raw.c_cc[VREPRINT]));
  echo_text(std::array{'\n'});
  for (std::size_t i = 0; i < queue_.editing(); ++i) echo_input(queue_.edited(i));
}

void LineDiscipline::echo_input(char c) {
  const bool plain = !is_control(c) || c == '\t' || (c == '\n' && (termios_.canonical() || !termios_.local(ECHOCTL)));
  if (plain || !termios_.local(ECHOCTL)) {
    echo_text({&c, 1});
    return;
  }
  const std::array caret{'^', static_cast<char>(c ^ 0x40)};
  echo_text(caret);
}

void LineDiscipline::echo_text(std::span<const char> text) {
  std::array<char, 32> out;
  for (const char c : text) port_.echo({out.data(), process_output({&c, 1}, out).produced});
}

void LineDiscipline::ring_bell() {
  if (termios_.input(IMAXBEL)) port_.echo(std::array{'\a'});
}

}  // namespace k::drivers
