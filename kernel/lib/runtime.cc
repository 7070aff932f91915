// What compiled C++ expects beneath it: the hooks of the standard library's checks, of pure virtual calls and of static
// destructors. (The heap operators are mm/phys's; mem*, str* and the stack protector's are arch's.)
#include <stdlib.h>

#include <cstddef>
#include <new>

#include "kernel/lib/assert.h"

namespace std {
const nothrow_t nothrow{};
}

extern "C" {
[[noreturn]] void __cxa_pure_virtual() { k::lib::fail("pure virtual call", __FILE__, __LINE__); }
/// Destructors of static objects never run: the kernel does not exit.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
void abort() { k::lib::fail("abort", __FILE__, __LINE__); }
/// assert(3), which Boost.Intrusive's checks end in.
void __assert_fail(const char* what, const char* file, int line, const char*) { k::lib::fail(what, file, line); }
void* __dso_handle = nullptr;
}

[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) { k::lib::fail(format, "libc++", 0); }
