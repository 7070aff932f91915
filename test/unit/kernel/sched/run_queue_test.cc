#include "kernel/sched/run_queue.h"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "kernel/sched/switch.h"
#include "test/unit/support/host_threads.h"

namespace sched = k::sched;
using k::test::HostThread;
using sched::Policy;

namespace {

constexpr std::uint64_t kSlice = sched::FairQueue::kSliceNs;

/// One that only queues know.
struct Runnable : sched::Thread {
  explicit Runnable(Policy policy = Policy::other, std::uint8_t rt_priority = 0) {
    attach_entities();
    run.policy = policy;
    run.rt_priority = run.rt.priority = rt_priority;
    run.fair.weight = sched::weight_of(policy, 0);
  }
};

class RunQueueTest : public testing::Test {
 protected:
  RunQueueTest() { queue.idle = queue.current = &idle; }
  void enqueue(sched::Thread& thread) { queue.enqueue(thread, now); }
  /// The next thread becomes the current one.
  sched::Thread* switch_to_next() {
    if (queue.current != &idle) queue.put_back(*queue.current);
    return start(queue.take_next());
  }
  sched::Thread* start(sched::Thread& thread) {
    thread.run.run_start_ns = thread.run.picked_ns = now;
    queue.current = &thread;
    return &thread;
  }
  /// True when the slice is over.
  bool run_for(std::uint64_t ns) { return queue.charge(now += ns); }

  Runnable idle;
  sched::RunQueue queue;
  std::uint64_t now = 1;
};

TEST_F(RunQueueTest, RealTimeBeforeFairBeforeIdle) {
  Runnable fair, fifo{Policy::fifo, 1};
  enqueue(fair), enqueue(fifo);
  EXPECT_EQ(queue.runnable(), 2u);
  EXPECT_EQ(queue.waiting(), 2u);
  EXPECT_EQ(start(queue.take_next()), &fifo);
  EXPECT_EQ(queue.waiting(), 1u);
  queue.put_to_sleep(fifo, now);
  EXPECT_EQ(start(queue.take_next()), &fair);
  queue.put_to_sleep(fair, now);
  EXPECT_EQ(start(queue.take_next()), &idle);
  EXPECT_EQ(queue.runnable(), 0u);
}

TEST_F(RunQueueTest, AFifoThreadRunsUntilItGivesWay) {
  Runnable first{Policy::fifo, 5}, second{Policy::fifo, 5};
  enqueue(first), enqueue(second);
  EXPECT_EQ(switch_to_next(), &first);
  EXPECT_FALSE(run_for(10 * sched::kRrSliceNs)) << "it has no slice";
  EXPECT_EQ(switch_to_next(), &first) << "preempted, it stays first of its priority";
  EXPECT_EQ(start(queue.take_next_but(first)), &second) << "sched_yield(2)";
}

TEST_F(RunQueueTest, RoundRobinTakesTurnsByTheSlice) {
  Runnable first{Policy::rr, 5}, second{Policy::rr, 5};
  enqueue(first), enqueue(second);
  EXPECT_EQ(switch_to_next(), &first);
  EXPECT_FALSE(run_for(sched::kRrSliceNs / 2));
  EXPECT_EQ(switch_to_next(), &first) << "the rest of its slice is its own";
  EXPECT_TRUE(run_for(sched::kRrSliceNs / 2));
  EXPECT_EQ(switch_to_next(), &second);
}

TEST_F(RunQueueTest, WhoPreemptsWhom) {
  Runnable other, batch{Policy::batch}, idle_class{Policy::idle}, low{Policy::fifo, 1}, high{Policy::rr, 2};
  const auto preempts = [&](sched::Thread& woken, sched::Thread& current) {
    start(current);
    return queue.should_preempt(woken);
  };
  EXPECT_TRUE(preempts(idle_class, idle));
  EXPECT_TRUE(preempts(low, other));
  EXPECT_TRUE(preempts(high, low));
  EXPECT_FALSE(preempts(low, high));
  EXPECT_FALSE(preempts(low, low)) << "not its equal";
  EXPECT_FALSE(preempts(other, low));
  EXPECT_TRUE(preempts(other, idle_class));
  EXPECT_FALSE(preempts(idle_class, other));
  EXPECT_FALSE(preempts(batch, other));
}

TEST_F(RunQueueTest, OnlyAThreadThatMayRunThereIsMoved) {
  Runnable pinned, pinned_rt{Policy::fifo, 9}, free;
  pinned.run.affinity = pinned_rt.run.affinity = 1;
  enqueue(pinned), enqueue(pinned_rt);
  EXPECT_EQ(queue.find_movable(1), nullptr);
  EXPECT_EQ(queue.find_movable(0), &pinned_rt);
  enqueue(free);
  EXPECT_EQ(queue.find_movable(1), &free);
  queue.remove(free, now);
  EXPECT_FALSE(free.run.queued);
  EXPECT_EQ(queue.runnable(), 2u);
}

TEST_F(RunQueueTest, TheCpuIsWokenWhenASliceEndsAndSomebodyWaits) {
  constexpr std::uint64_t kNever = k::Deadline::never().ns();
  EXPECT_EQ(queue.next_event(now), kNever);
  Runnable one, two;
  enqueue(one);
  switch_to_next();
  EXPECT_EQ(queue.next_event(now), kNever) << "nobody waits";
  enqueue(two);
  EXPECT_EQ(queue.next_event(now), now + kSlice / 2) << "the first slice of a new one is half as long";
}

/// A thread that has so many slices to run, on whatever CPU.
struct Job : Runnable {
  explicit Job(Policy policy = Policy::other, std::uint8_t rt_priority = 0) : Runnable(policy, rt_priority) {}
  std::atomic<bool> runs{false};
  int done = 0;  // by whoever runs it
};

/// Host threads as CPUs that take work from each other when they have none. CPU 0 runs nothing: there threads wake up.
class Stealing : public testing::Test {
 protected:
  static constexpr int kSlices = 210, kSlicesAwake = 7;
  static constexpr unsigned kThieves = 4;

  Stealing() {
    for (unsigned cpu = 0; cpu < k::arch::kMaxCpus; ++cpu) {
      sched::RunQueue& queue = sched::run_queue_of(cpu);
      queue.cpu = cpu;
      queue.idle = queue.current = &idle[cpu];
    }
  }
  ~Stealing() override {
    for (unsigned cpu = 0; cpu < k::arch::kMaxCpus; ++cpu) {
      sched::RunQueue& queue = sched::run_queue_of(cpu);
      queue.idle = queue.current = nullptr;
    }
  }
  void add(Policy policy, std::uint8_t rt_priority = 0) {
    jobs.push_back(std::make_unique<Job>(policy, rt_priority));
    wake(*jobs.back(), 1);
  }
  static void wake(Job& job, std::uint64_t now) {
    sched::RunQueue& queue = sched::run_queue_of(0);
    queue.lock();
    queue.enqueue(job, now);
    queue.unlock();
  }
  /// What leave_cpu does around the switch.
  static sched::Thread& next_thread(sched::RunQueue& queue, Job* last, std::uint64_t now) {
    const bool sleeps = last != nullptr && last->done % kSlicesAwake == 0;
    queue.lock();
    (void)queue.charge(now);
    if (sleeps) queue.put_to_sleep(*last, now);
    if (last != nullptr && !sleeps) queue.put_back(*last);
    sched::Thread* next = &queue.take_next();
    if (next == queue.idle) {
      queue.current = next;
      sched::steal_into(queue, now);
      next = &queue.take_next();
    }
    next->run.run_start_ns = next->run.picked_ns = now;
    queue.current = next;
    queue.unlock();
    if (sleeps && last->done < kSlices) wake(*last, now);
    return *next;
  }
  void run_slice(Job& job) {
    // Relaxed: it is the queues' locks that order one CPU's use of the thread before the next one's.
    EXPECT_FALSE(job.runs.exchange(true, std::memory_order_relaxed)) << "it runs on another CPU too";
    std::this_thread::yield();
    ++job.done;
    job.runs.store(false, std::memory_order_relaxed);
  }
  void be_cpu() {
    sched::RunQueue& queue = sched::this_run_queue();
    Job* job = nullptr;
    for (std::uint64_t now = 1; job != nullptr || finished < jobs.size(); now += kSlice) {
      sched::Thread& next = next_thread(queue, job, now);
      job = &next == queue.idle ? nullptr : static_cast<Job*>(&next);
      if (job == nullptr) {
        std::this_thread::yield();
        continue;
      }
      run_slice(*job);
      if (job->done == kSlices) ++finished;
    }
  }

  std::array<Runnable, k::arch::kMaxCpus> idle;
  std::vector<std::unique_ptr<Job>> jobs;
  std::atomic<unsigned> finished{0};
};

TEST_F(Stealing, EveryThreadRunsItsSlicesOnOneCpuAtATime) {
  static_assert(kSlices % kSlicesAwake == 0, "each leaves its queue at its end");
  for (int i = 0; i < 12; ++i) add(Policy::other);
  for (std::uint8_t priority : {1, 50, 99}) add(Policy::fifo, priority);
  add(Policy::rr, 50);
  std::vector<std::unique_ptr<HostThread>> cpus;
  for (unsigned i = 0; i < kThieves; ++i) cpus.push_back(std::make_unique<HostThread>([&] { be_cpu(); }));
  cpus.clear();
  for (const auto& job : jobs) EXPECT_EQ(job->done, kSlices);
  for (unsigned cpu = 0; cpu < k::arch::kMaxCpus; ++cpu) EXPECT_EQ(sched::run_queue_of(cpu).runnable(), 0u) << cpu;
}

}  // namespace
