/// Names for clang's thread-safety attributes (-Wthread-safety).
/// Source: clang's "Thread Safety Analysis" manual.
#pragma once

#define HT_CAPABILITY(name) __attribute__((capability(name)))
#define HT_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define HT_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define HT_PT_GUARDED_BY(x) __attribute__((pt_guarded_by(x)))
#define HT_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define HT_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define HT_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define HT_ACQUIRE_SHARED(...) __attribute__((acquire_shared_capability(__VA_ARGS__)))
#define HT_RELEASE_SHARED(...) __attribute__((release_shared_capability(__VA_ARGS__)))
#define HT_TRY_ACQUIRE_SHARED(...) __attribute__((try_acquire_shared_capability(__VA_ARGS__)))
#define HT_TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define HT_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define HT_RETURN_CAPABILITY(x) __attribute__((lock_returned(x)))
#define HT_NO_ANALYSIS __attribute__((no_thread_safety_analysis))
