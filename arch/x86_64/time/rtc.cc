// The CMOS clock. Source: MC146818A datasheet; the century register is ACPI's (FADT).
#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/port_io.h"
#include "arch/x86_64/acpi/machine.h"

namespace k::arch {
namespace {

constexpr std::uint16_t kIndex = 0x70, kData = 0x71;
constexpr std::uint8_t kSeconds = 0x00, kMinutes = 0x02, kHours = 0x04, kDay = 0x07, kMonth = 0x08, kYear = 0x09,
                       kStatusA = 0x0a, kStatusB = 0x0b;
constexpr std::uint8_t kUpdating = 0x80, kBinary = 0x04, k24Hours = 0x02, kAfternoon = 0x80;

std::uint8_t read(std::uint8_t reg) {
  port_out8(kIndex, reg);
  return port_in8(kData);
}

struct Reading {
  std::uint8_t second, minute, hour, day, month, year, century;
  bool operator==(const Reading&) const = default;
};

Reading read_once() {
  while ((read(kStatusA) & kUpdating) != 0) pause();
  const std::uint8_t century = acpi::machine().century_register;
  return {read(kSeconds),
          read(kMinutes),
          read(kHours),
          read(kDay),
          read(kMonth),
          read(kYear),
          century != 0 ? read(century) : std::uint8_t{0}};
}

/// Two equal readings in a row: no update fell between.
Reading read_stable() {
  Reading now = read_once(), before;
  do {
    before = now;
    now = read_once();
  } while (now != before);
  return now;
}

unsigned hour_of(std::uint8_t raw, std::uint8_t status, auto decode) {
  if ((status & k24Hours) != 0) return decode(raw);
  const unsigned twelve = decode(static_cast<std::uint8_t>(raw & ~kAfternoon)) % 12;
  return (raw & kAfternoon) != 0 ? twelve + 12 : twelve;
}

/// Days since 1970-01-01 of the proleptic Gregorian calendar; years begin in March here, so that the leap day comes
/// last.
std::int64_t days_since_epoch(std::int64_t year, unsigned month, unsigned day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = y / 400, year_of_era = y % 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

}  // namespace

std::int64_t rtc_seconds() {
  const std::uint8_t status = read(kStatusB);
  const Reading r = read_stable();
  const auto decode = [&](std::uint8_t v) -> unsigned {
    return (status & kBinary) != 0 ? v : (v >> 4) * 10u + (v & 0xf);
  };
  const unsigned century = decode(r.century), year = decode(r.year);
  const std::int64_t full_year = (century >= 19 && century <= 22 ? century * 100 : year < 70 ? 2000 : 1900) + year;
  const std::int64_t days = days_since_epoch(full_year, decode(r.month), decode(r.day));
  return days * 86'400 + hour_of(r.hour, status, decode) * 3600 + decode(r.minute) * 60 + decode(r.second);
}

}  // namespace k::arch
