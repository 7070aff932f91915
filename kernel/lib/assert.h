/// Assertions. HT_ASSERT is checked in the debug and host builds only; HT_VERIFY always.
///
/// Context     any; a failure never returns.
/// Errors      a failed check calls lib::fail, defined by kernel/log (panic) and by arch/host (abort).
#pragma once

namespace k::lib {
[[noreturn, gnu::cold]] void fail(const char* what, const char* file, int line);
}

#define HT_VERIFY(cond) ((cond) ? (void)0 : ::k::lib::fail(#cond, __FILE__, __LINE__))
#if defined(HT_DEBUG) || defined(HT_HOST)
#define HT_ASSERT(cond) HT_VERIFY(cond)
#else
#define HT_ASSERT(cond) ((void)sizeof(!(cond)))
#endif
