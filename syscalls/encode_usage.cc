#include "syscalls/encode_usage.h"

#include "kernel/lib/types.h"

namespace k::sys {

uapi::rusage encode(const task::Usage& usage) {
  uapi::rusage out{};
  out.ru_utime = {timeval_of(usage.user_ns).tv_sec, timeval_of(usage.user_ns).tv_usec};
  out.ru_stime = {timeval_of(usage.system_ns).tv_sec, timeval_of(usage.system_ns).tv_usec};
  out.ru_maxrss = static_cast<long>(usage.peak_resident_pages * (kPageSize / 1024));
  out.ru_minflt = static_cast<long>(usage.minor_faults);
  out.ru_majflt = static_cast<long>(usage.major_faults);
  out.ru_inblock = static_cast<long>(usage.blocks_in);
  out.ru_oublock = static_cast<long>(usage.blocks_out);
  out.ru_nvcsw = static_cast<long>(usage.voluntary_switches);
  out.ru_nivcsw = static_cast<long>(usage.involuntary_switches);
  return out;
}

}  // namespace k::sys
