// Page frames and heap objects that one CPU allocates and another frees.
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "mm/phys/heap.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/slab.h"
#include "test/unit/support/frames.h"
#include "test/unit/support/host_threads.h"

namespace mm = k::mm;
using k::test::HostThread;

namespace {

constexpr unsigned kThreads = 4;

class ConcurrentMemory : public testing::Test {
 protected:
  ConcurrentMemory() { k::test::use_host_ram(); }

  template <class Body>
  static void on_threads(Body body) {
    std::vector<std::unique_ptr<HostThread>> threads;
    for (unsigned i = 0; i < kThreads; ++i) threads.push_back(std::make_unique<HostThread>([&body, i] { body(i); }));
  }
};

/// From whoever allocates to whoever frees.
template <class T>
class Exchange {
 public:
  void give(T item) {
    std::lock_guard hold{mutex_};
    items_.push_back(item);
  }
  std::optional<T> take() {
    std::lock_guard hold{mutex_};
    if (items_.empty()) return std::nullopt;
    const T item = items_.front();
    items_.pop_front();
    return item;
  }

 private:
  std::mutex mutex_;
  std::deque<T> items_;
};

TEST_F(ConcurrentMemory, FramesOfOneCpuAreFreedOnAnotherWithoutLoss) {
  const auto before = mm::memory_counters();
  Exchange<mm::Frame*> exchange;
  std::atomic<bool> over{false};
  HostThread observer{[&] {
    while (!over) {
      EXPECT_EQ(mm::memory_counters().total_frames, before.total_frames);
      std::this_thread::yield();
    }
  }};
  on_threads([&](unsigned self) {
    for (unsigned i = 0; i < 1'500; ++i) {
      mm::Frame* const frame = mm::allocate_frame(mm::FrameUse::anonymous, mm::Zero::no).value();
      std::memset(mm::page_pointer(*frame), static_cast<int>(self), 64);
      if (i % 5 == 0) mm::retag_frame(*frame, mm::FrameUse::page_cache);
      exchange.give(frame);  // whoever takes it may free it at once
      if (i % 3 != 0) continue;
      for (int n = 0; n < 3; ++n) {
        if (const auto other = exchange.take()) mm::put_frame(**other);
      }
    }
    while (const auto left = exchange.take()) mm::put_frame(**left);
  });
  over = true;
  observer.join();
  const auto after = mm::memory_counters();
  EXPECT_EQ(after.free_frames, before.free_frames);
  EXPECT_EQ(after.anonymous_frames, before.anonymous_frames);
  EXPECT_EQ(after.cache_frames, before.cache_frames);
}

TEST_F(ConcurrentMemory, BlocksMergeAgainWhoeverFreesThem) {
  const auto before = mm::memory_counters();
  on_threads([&](unsigned self) {
    for (unsigned i = 0; i < 300; ++i) {
      const unsigned order = 1 + (i + self) % 4;
      mm::Frame* const block = mm::allocate_block(mm::FrameUse::kernel, order, mm::Zero::no).value();
      mm::Frame* const single = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
      mm::free_block(*block, order);
      mm::put_frame(*single);
    }
  });
  EXPECT_EQ(mm::memory_counters().free_frames, before.free_frames);
}

TEST_F(ConcurrentMemory, ASharedFrameIsFreedByItsLastHolder) {
  const auto before = mm::memory_counters();
  for (int round = 0; round < 100; ++round) {
    mm::Frame* const frame = mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no).value();
    for (unsigned i = 1; i < kThreads; ++i) frame->ref();
    on_threads([&](unsigned) { mm::put_frame(*frame); });
  }
  EXPECT_EQ(mm::memory_counters().free_frames, before.free_frames);
}

struct Marked {
  std::uint64_t owner, number;
  unsigned char rest[100];
};

TEST_F(ConcurrentMemory, ObjectsOfOneCpuAreFreedOnAnotherAndKeepTheirContent) {
  static constinit mm::SlabCache cache{"test-marked", sizeof(Marked), alignof(Marked)};
  Exchange<Marked*> exchange;
  const auto check_and_free = [&](Marked* object) {
    for (const unsigned char byte : object->rest) EXPECT_EQ(byte, static_cast<unsigned char>(object->number));
    cache.deallocate(object);
  };
  on_threads([&](unsigned self) {
    for (std::uint64_t n = 0; n < 4'000; ++n) {
      auto* const object = static_cast<Marked*>(cache.allocate());
      ASSERT_NE(object, nullptr);
      object->owner = self, object->number = n;
      std::memset(object->rest, static_cast<int>(n), sizeof object->rest);
      exchange.give(object);
      if (n % 4 != 0) continue;
      for (int i = 0; i < 4; ++i) {
        if (const auto other = exchange.take()) check_and_free(*other);
      }
    }
    while (const auto left = exchange.take()) check_and_free(*left);
    (void)cache.shrink();  // also takes what this CPU keeps for itself
  });
  (void)cache.shrink();
  EXPECT_EQ(cache.usage().slabs, 0u);
}

}  // namespace
