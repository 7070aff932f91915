#include "drivers/tty/serial/serial_tty.h"

#include <algorithm>

#include "drivers/tty/tty_file.h"
#include "fs/vfs/char_device.h"
#include "kernel/irq/irq.h"

namespace k::drivers {

using sync::Locked;

namespace {

constexpr std::uint32_t kSerialMajor = 4, kFirstSerialMinor = 64;  // admin-guide/devices.txt

struct PortPlace {
  std::uint16_t base;
  unsigned irq;
  const char* name;
};
constexpr PortPlace kPlaces[] = {{0x3f8, 4, "ttyS0"}, {0x2f8, 3, "ttyS1"}};
SerialTty* g_ports[std::size(kPlaces)];

template <unsigned Index>
Result<Ref<fs::File>> open_port(const fs::OpenRequest& request) {
  return open_tty(g_ports[Index]->tty(), request);
}
constexpr fs::CharDeviceOpener kOpeners[] = {open_port<0>, open_port<1>};

Result<void> start_port(unsigned index) {
  const PortPlace& place = kPlaces[index];
  if (!Uart16550{place.base}.probe()) return {};
  const fs::DeviceNumber number{kSerialMajor, kFirstSerialMinor + index};
  auto port = TRY(make<SerialTty>(place.base, number.encoded()));
  TRY(port->start(place.irq, place.name));
  g_ports[index] = port.release();  // lives as long as the kernel
  return fs::register_char_device(number.major, number.minor, place.name, 0600, kOpeners[index]);
}

}  // namespace

Result<void> SerialTty::start(unsigned isa_irq, const char* name) {
  TRY(tty_.start(name));
  TRY(irq::attach_isa(isa_irq, name, on_interrupt, this));
  uart_.start();
  return {};
}

std::size_t SerialTty::transmit(std::span<const char> bytes) {
  Locked out{output_};
  std::size_t taken = 0;
  if (!out->stopped && out->size() == 0) {
    while (taken < bytes.size()) {
      const std::size_t n = uart_.transmit(bytes.subspan(taken));
      if (n == 0) break;
      taken += n;
    }
  }
  for (; taken < bytes.size() && out->size() < kRing; ++taken) out->bytes[out->head++ % kRing] = bytes[taken];
  if (out->size() > 0) drain_output(*out);
  return taken;
}

/// Moves what the FIFO takes; leaves the transmit interrupt on exactly while something waits for it.
void SerialTty::drain_output(Output& out) {
  while (!out.stopped && out.size() > 0) {
    const std::size_t at = out.tail % kRing;
    const std::size_t run = std::min<std::size_t>(out.size(), kRing - at);
    const std::size_t n = uart_.transmit({&out.bytes[at], run});
    if (n == 0) break;
    out.tail += static_cast<std::uint32_t>(n);
  }
  const bool wanted = !out.stopped && out.size() > 0;
  if (wanted != out.interrupt_on) uart_.set_transmit_interrupt(wanted);
  out.interrupt_on = wanted;
}

std::size_t SerialTty::room() {
  Locked out{output_};
  return kRing - out->size();
}

std::size_t SerialTty::pending_output() {
  Locked out{output_};
  return out->size();
}

void SerialTty::discard_sent() {
  Locked out{output_};
  out->tail = out->head;
  drain_output(*out);
}

void SerialTty::hold_sending(bool stopped) {
  Locked out{output_};
  out->stopped = stopped;
  drain_output(*out);
}

void SerialTty::on_interrupt(void* self) { static_cast<SerialTty*>(self)->interrupt(); }

void SerialTty::interrupt() {
  while (uart_.interrupt_pending()) {
    drain_input();
    bool room = false;
    {
      Locked out{output_};
      const bool was_waiting = out->interrupt_on;
      drain_output(*out);
      room = was_waiting && out->size() < kRing / 2;
    }
    if (room) tty_.output_ready();
  }
}

void SerialTty::drain_input() {
  std::array<char, 64> batch;
  std::size_t n = 0;
  for (Uart16550::Received r; n < batch.size() && uart_.receive(r);) {
    if (r.is_break) {
      tty_.received_break();
    } else {
      batch[n++] = r.byte;
    }
  }
  if (n > 0) tty_.received({batch.data(), n});
}

Result<void> start_serial_terminals() {
  for (unsigned i = 0; i < std::size(kPlaces); ++i) TRY(start_port(i));
  if (g_ports[0] == nullptr) return err(Errno::nodev);
  return register_tty_aliases(g_ports[0]->tty());
}

}  // namespace k::drivers
