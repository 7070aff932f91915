#include "kernel/task/process_count.h"

#include "kernel/task/process.h"

namespace k::task {

std::size_t count_threads() {
  std::size_t threads = 0;
  for_each_process([&](Process& process) { threads += process.signals.unguarded().live_threads; });
  return threads;
}

}  // namespace k::task
