// Where compiled code ends up when a function's stack canary was overwritten.
#include "kernel/lib/assert.h"

extern "C" [[noreturn]] void __stack_chk_fail() {
  k::lib::fail("the stack canary is intact (a buffer on the stack was overrun)", "stack protector", 0);
}
