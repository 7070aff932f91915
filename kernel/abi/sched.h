/// struct sched_attr, and struct sched_param as sched_setparam(2) takes it.
///
/// The C library of the host's unit tests has a sched_param of its own, so the UAPI's goes by another name here.
/// Source      <linux/sched/types.h>.
#pragma once

#define sched_param linux_sched_param
#include <linux/sched/types.h>
#undef sched_param

namespace k::abi {
using SchedParam = ::linux_sched_param;
static_assert(sizeof(SchedParam) == 4);
}  // namespace k::abi
