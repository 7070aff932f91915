/// A bare spin lock for the few registers that arch shares between CPUs; ranked locks live above arch.
///
/// Context     held with interrupts off, for a handful of instructions, nothing nested inside.
#pragma once

#include <atomic>

#include "arch/include/arch/cpu.h"

namespace k::arch {

class RawLock {
 public:
  class Held {
   public:
    explicit Held(RawLock& lock) : lock_(lock) {
      while (lock_.taken_.exchange(true, std::memory_order_acquire)) pause();
    }
    ~Held() { lock_.taken_.store(false, std::memory_order_release); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    IrqOff off_;
    RawLock& lock_;
  };

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace k::arch
