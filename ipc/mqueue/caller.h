/// What message queues need of the running process, which kernel/task knows.
///
/// Context     task context of a user thread; Listener::tell and its end without locks.
/// Errors      charge: MFILE beyond RLIMIT_MSGQUEUE, NOMEM.
/// Source      getrlimit(2) "RLIMIT_MSGQUEUE", mq_notify(3), capabilities(7).
#pragma once

#include <cstdint>

#include "kernel/lib/ref.h"

namespace k::ipc::mqueue {

/// Bytes that a queue's maker has in use (RLIMIT_MSGQUEUE); its end gives them back.
class Charge {
 public:
  virtual ~Charge() = default;
};

/// The process that mq_notify(3) registered with a queue.
class Listener : public lib::RefCounted {
 public:
  virtual ~Listener() = default;
  virtual bool is_caller() const = 0;
  virtual std::int32_t process() const = 0;
  /// A message came to the empty queue; the running process sent it. Nothing is told after that.
  virtual void tell() = 0;
  /// It was taken off before a message came.
  virtual void end() {}

  const int method;  // SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD
  const int signal;  // of SIGEV_SIGNAL, else 0

 protected:
  Listener(int method, int signal) : method(method), signal(signal) {}
};

struct CallerSource {
  /// CAP_SYS_RESOURCE: limits() do not hold.
  bool (*exceeds_limits)();
  Result<Box<Charge>> (*charge)(std::uint64_t bytes);
};
/// Boot, once.
void set_caller_source(const CallerSource& source);
const CallerSource& caller_source();

}  // namespace k::ipc::mqueue
