#include "kernel/task/pid.h"

#include <array>

#include "kernel/sync/guarded.h"
#include "kernel/task/process.h"

namespace k::task {
namespace {

constexpr unsigned kChunkShift = 9;
constexpr unsigned kChunkSize = 1u << kChunkShift;
constexpr unsigned kChunks = kPidMax / kChunkSize;

struct Chunk {
  std::array<std::atomic<Pid*>, kChunkSize> pids{};
};

struct Allocation {
  pid_t last = 0;
  std::uint32_t used = 0;
};

/// Chunks are never freed, so look-ups need no more protection than the Pid itself.
constinit std::array<std::atomic<Chunk*>, kChunks> g_chunks{};
constinit Guarded<Allocation, sync::Rank::pid_table> g_allocation;

std::atomic<Pid*>* slot_of(pid_t number) {
  if (number <= 0 || number >= kPidMax) return nullptr;
  Chunk* chunk = g_chunks[static_cast<unsigned>(number) >> kChunkShift].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->pids[static_cast<unsigned>(number) & (kChunkSize - 1)];
}

Pid* find(pid_t number) {
  const std::atomic<Pid*>* slot = slot_of(number);
  return slot == nullptr ? nullptr : slot->load(std::memory_order_acquire);
}

/// Makes the chunks that the next numbers need, before the lock is taken: the chunk of the next number and the one after it.
Result<void> provide_chunks(pid_t next) {
  for (const unsigned wanted :
       {static_cast<unsigned>(next) >> kChunkShift, (static_cast<unsigned>(next) >> kChunkShift) + 1}) {
    const unsigned index = wanted % kChunks;
    if (g_chunks[index].load(std::memory_order_acquire) != nullptr) continue;
    Box<Chunk> chunk = TRY(make<Chunk>());
    Chunk* none = nullptr;
    if (g_chunks[index].compare_exchange_strong(none, chunk.get(), std::memory_order_acq_rel)) (void)chunk.release();
  }
  return {};
}

/// The next free number after `last`, skipping full chunks; 0 when a chunk is missing. Under the table's lock.
pid_t next_free(pid_t last) {
  pid_t number = last;
  for (unsigned tried = 0; tried < static_cast<unsigned>(kPidMax); ++tried) {
    number = number + 1 < kPidMax ? number + 1 : kFirstPidAfterWrap;
    const std::atomic<Pid*>* slot = slot_of(number);
    if (slot == nullptr) return 0;
    if (slot->load(std::memory_order_relaxed) == nullptr) return number;
  }
  return 0;
}

}  // namespace

Result<Ref<Pid>> allocate_pid(pid_t wanted) {
  if (wanted < 0 || wanted >= kPidMax) return err(Errno::inval);
  for (;;) {
    const pid_t guess = wanted != 0 ? wanted : last_pid() + 1;
    TRY(provide_chunks(guess < kPidMax ? guess : kFirstPidAfterWrap));
    Pid* pid = new (std::nothrow) Pid;
    if (pid == nullptr) return err(Errno::nomem);
    sync::Locked table{g_allocation};
    if (table->used >= kPidMax - kFirstPidAfterWrap) {
      delete pid;
      return err(Errno::again);
    }
    if (wanted != 0 && find(wanted) != nullptr) {
      delete pid;
      return err(Errno::exist);
    }
    const pid_t number = wanted != 0 ? wanted : next_free(table->last);
    if (number == 0) {  // others took a whole chunk meanwhile
      delete pid;
      continue;
    }
    pid->set_number(number);
    slot_of(number)->store(pid, std::memory_order_release);
    if (wanted == 0) table->last = number;
    ++table->used;
    return Ref<Pid>::adopt(*pid);
  }
}

void Pid::on_last_ref() {
  {
    sync::Locked table{g_allocation};
    slot_of(number_)->store(nullptr, std::memory_order_release);
    --table->used;
  }
  free_later();
}

Task* find_task(pid_t number) {
  const Pid* pid = find(number);
  return pid == nullptr ? nullptr : pid->task.load(std::memory_order_acquire);
}

Process* find_process(pid_t number) {
  const Pid* pid = find(number);
  return pid == nullptr ? nullptr : pid->process.load(std::memory_order_acquire);
}

ProcessGroup* find_group(pid_t number) {
  const Pid* pid = find(number);
  return pid == nullptr ? nullptr : pid->group.load(std::memory_order_acquire);
}

Session* find_session(pid_t number) {
  const Pid* pid = find(number);
  return pid == nullptr ? nullptr : pid->session.load(std::memory_order_acquire);
}

RefOrNull<Pid> find_pid(pid_t number) {
  const sync::rcu::ReadGuard reading;
  Pid* pid = find(number);
  return pid != nullptr && pid->try_ref() ? RefOrNull<Pid>::adopt(pid) : nullptr;
}

RefOrNull<Process> next_process(pid_t from) {
  for (pid_t number = from > 0 ? from : 1; number < kPidMax;) {
    const sync::rcu::ReadGuard reading;
    if (slot_of(number) == nullptr) {
      number = static_cast<pid_t>((static_cast<unsigned>(number) | (kChunkSize - 1)) + 1);
      continue;
    }
    Process* process = find_process(number);
    if (process != nullptr && process->try_ref()) return RefOrNull<Process>::adopt(process);
    ++number;
  }
  return nullptr;
}

pid_t last_pid() { return g_allocation.unguarded().last; }

}  // namespace k::task
