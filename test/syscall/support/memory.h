/// Mapped pages that unmap themselves, and faults caught as values.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <functional>
#include <optional>

namespace systest {

inline constexpr std::size_t kPage = 4096;

/// `count` pages, private and anonymous, at an address of the kernel's choice.
class Pages {
 public:
  explicit Pages(std::size_t count, int protection = PROT_READ | PROT_WRITE);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  char* at(std::size_t page = 0) const { return base_ + page * kPage; }
  std::size_t size() const { return count_ * kPage; }

 private:
  std::size_t count_;
  char* base_;
};

struct Fault {
  int signal, code;
  void* address;
};

/// Runs `body` with SIGSEGV and SIGBUS caught: the fault that ended it, nothing if it ran through.
std::optional<Fault> fault_of(const std::function<void()>& body);

/// Touches one byte so that neither compiler nor CPU can leave it out.
inline char peek(const void* address) { return *static_cast<const volatile char*>(address); }
inline void poke(void* address, char value) { *static_cast<volatile char*>(address) = value; }

}  // namespace systest
