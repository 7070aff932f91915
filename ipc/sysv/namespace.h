/// Namespace: the System V IPC objects and limits that a set of processes sees.
///
/// Invariants  everything is in here, so that a process could own another one (ipc_namespaces(7)); there is one so far.
/// Lock order  each table has its own lock; the limits are read without one.
/// Context     any.
/// Source      proc(5) /proc/sys/kernel/{sem,msgmax,msgmnb,msgmni,shmall,shmmax,shmmni}.
#pragma once

#include "ipc/sysv/id_table.h"

namespace k::ipc::sysv {

class SemaphoreSet;
class MessageQueue;
class Segment;

struct SemaphoreLimits {
  std::atomic<int> per_set{32000}, in_all{1024000000}, operations{500}, sets{32000};
};
struct MessageLimits {
  std::atomic<unsigned> message_bytes{8192}, queue_bytes{16384}, queues{32000};
};
struct SegmentLimits {
  static constexpr std::uint64_t kMost = UINT64_MAX - (std::uint64_t{1} << 24);
  std::atomic<std::uint64_t> segment_bytes{kMost}, pages_in_all{kMost};
  std::atomic<unsigned> segments{4096};
};

struct Namespace {
  SemaphoreLimits semaphore_limits;
  ObjectTable<SemaphoreSet> semaphore_sets;
  std::atomic<int> semaphores{0};  // in all sets

  MessageLimits message_limits;
  ObjectTable<MessageQueue> message_queues;
  std::atomic<std::uint64_t> messages{0}, message_bytes{0};  // in all queues

  SegmentLimits segment_limits;
  ObjectTable<Segment> segments;
  std::atomic<std::uint64_t> segment_pages{0};  // in all segments
};

Namespace& initial_namespace();

}  // namespace k::ipc::sysv
