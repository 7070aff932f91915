#include "memory.h"

#include <setjmp.h>
#include <signal.h>

#include "check.h"

namespace systest {

Pages::Pages(std::size_t count, int protection) : count_(count) {
  void* base = mmap(nullptr, size(), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_OK(base);
  base_ = static_cast<char*>(base);
}

Pages::~Pages() { munmap(base_, size()); }

static sigjmp_buf after_fault;
static Fault last_fault;

static void on_fault(int signal, siginfo_t* info, void*) {
  last_fault = {signal, info->si_code, info->si_addr};
  siglongjmp(after_fault, 1);
}

std::optional<Fault> fault_of(const std::function<void()>& body) {
  struct sigaction catching{}, old_segv, old_bus;
  catching.sa_sigaction = on_fault;
  catching.sa_flags = SA_SIGINFO;
  EXPECT_OK(sigaction(SIGSEGV, &catching, &old_segv));
  EXPECT_OK(sigaction(SIGBUS, &catching, &old_bus));
  std::optional<Fault> fault;
  if (sigsetjmp(after_fault, 1) == 0)
    body();
  else
    fault = last_fault;
  sigaction(SIGSEGV, &old_segv, nullptr);
  sigaction(SIGBUS, &old_bus, nullptr);
  return fault;
}

}  // namespace systest
