// The editing half of N_TTY: erase, word erase, kill, reprint, and how they look on the screen.
#include <algorithm>
#include <array>

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
    erase_character();
  } else if (termios_.is(c, VKILL)) {
    kill_line();
  } else if (extended && termios_.is(c, VWERASE)) {
    erase_word();
  } else if (extended && termios_.is(c, VLNEXT)) {
    literal_next_ = true;
    if (termios_.local(ECHO) && termios_.local(ECHOCTL)) port_.echo(std::array{'^', '\b'});
  } else if (extended && termios_.is(c, VREPRINT)) {
    reprint();
  } else {
    return false;
  }
  return true;
}

void LineDiscipline::erase_character() {
  if (queue_.editing() == 0) return;
  char removed = queue_.pop_back();
  while (termios_.input(IUTF8) && is_continuation(removed) && queue_.editing() > 0) removed = queue_.pop_back();
  erase_echo(removed);
}

void LineDiscipline::erase_word() {
  bool in_word = false;
  while (queue_.editing() > 0) {
    if (is_word(queue_.back())) {
      in_word = true;
    } else if (in_word) {
      return;
    }
    erase_character();
  }
}

void LineDiscipline::kill_line() {
  const bool visually =
      termios_.local(ECHO) && termios_.local(ECHOK) && termios_.local(ECHOKE) && termios_.local(ECHOE);
  if (visually) {
    while (queue_.editing() > 0) erase_character();
    return;
  }
  while (queue_.editing() > 0) queue_.pop_back();
  if (!termios_.local(ECHO)) return;
  echo_input(static_cast<char>(termios_.raw.c_cc[VKILL]));
  if (termios_.local(ECHOK)) echo_text(std::array{'\n'});
}

/// Wipes what `removed` (already gone from the queue) took on the screen.
void LineDiscipline::erase_echo(char removed) {
  if (!termios_.local(ECHO)) return;
  if (!termios_.local(ECHOE)) {
    echo_input(static_cast<char>(termios_.raw.c_cc[VERASE]));
    return;
  }
  std::size_t cells = 1;
  if (removed == '\t') {
    std::size_t column = 0;  // of the line as far as this terminal's input knows it
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
    cells = kTab - column % kTab;
    for (std::size_t i = 0; i < cells; ++i) port_.echo(std::array{'\b'});
    column_ -= std::min(column_, cells);
    return;
  }
  if (is_control(removed)) cells = termios_.local(ECHOCTL) ? 2 : 0;
  for (std::size_t i = 0; i < cells; ++i) port_.echo(std::array{'\b', ' ', '\b'});
  column_ -= std::min(column_, cells);
}

void LineDiscipline::reprint() {
  if (!termios_.local(ECHO)) return;
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
