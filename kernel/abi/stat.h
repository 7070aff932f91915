/// <linux/stat.h> with the S_* constants, which it hides from a process that uses glibc: the host build is one.
/// Source: inode(7), statx(2).
#pragma once

#pragma push_macro("__GLIBC__")
#undef __GLIBC__
#include <linux/stat.h>
#pragma pop_macro("__GLIBC__")

#if !defined(S_IRWXUGO)
#define S_IRWXUGO (S_IRWXU | S_IRWXG | S_IRWXO)
#define S_IALLUGO (S_ISUID | S_ISGID | S_ISVTX | S_IRWXUGO)
#define S_IXUGO (S_IXUSR | S_IXGRP | S_IXOTH)
#endif
