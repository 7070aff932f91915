// /proc/sysvipc: the System V IPC objects, one line each.
#include "fs/procfs/system.h"
#include "ipc/sysv/message_queue.h"
#include "ipc/sysv/segment.h"
#include "ipc/sysv/semaphore_set.h"

namespace k::fs::proc {
namespace {

using ipc::sysv::IdTable;
using ipc::sysv::initial_namespace;
using ipc::sysv::MessageQueue;
using ipc::sysv::ObjectTable;
using ipc::sysv::Permissions;
using ipc::sysv::SegmentStatus;
using ipc::sysv::SemaphoreSet;

/// Key, identifier and mode, which every line begins with.
void put_beginning(TextBuffer& out, int id, const Permissions& p) {
  constexpr unsigned kShownMode = 07777;
  const unsigned mode = p.mode & kShownMode;
  std::array<char, 8> octal;
  lib::TextBuffer digits{octal};
  bool started = false;
  for (unsigned shift = 12; shift > 0;) {
    shift -= 3;
    const unsigned digit = mode >> shift & 7;
    started = started || digit != 0 || shift == 0;
    if (started) digits.print("{}", digit);
  }
  out.print("{:10} {:10}  {:>4} ", p.key, id, std::string_view{octal.data(), digits.size()});
}

void put_owners(TextBuffer& out, const Permissions& p) {
  out.print("{:5} {:5} {:5} {:5} ", p.uid, p.gid, p.cuid, p.cgid);
}

/// Calls `put(object)` for every object of a kind.
template <class T, class Put>
void for_each(const ObjectTable<T>& objects, Put put) {
  for (unsigned index = 0; auto object = objects.next(index);) {
    put(*object);
    index = (static_cast<unsigned>(object->id()) & (IdTable::kMaxObjects - 1)) + 1;
  }
}

void put_segment(TextBuffer& out, int id, const SegmentStatus& s) {
  put_beginning(out, id, s.permissions);
  out.print("{:21} {:5} {:5}  {:5} ", s.bytes, s.creator, s.last, s.attached);
  put_owners(out, s.permissions);
  out.print("{:10} {:10} {:10} {:21} {:21}\n", s.attach_time, s.detach_time, s.change_time,
            s.resident_pages * kPageSize, 0);
}

Result<void> show_segments(const Subject&, TextBuffer& out) {
  out.put(
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      "
      "dtime      ctime                   rss                  swap\n");
  for_each(initial_namespace().segments, [&](auto& segment) { put_segment(out, segment.id(), segment.status()); });
  return {};
}

void put_queue(TextBuffer& out, int id, const MessageQueue::Status& s) {
  put_beginning(out, id, s.permissions);
  out.print(" {:10} {:10} {:5} {:5} ", s.bytes, s.messages, s.last_sender, s.last_receiver);
  put_owners(out, s.permissions);
  out.print("{:10} {:10} {:10}\n", s.sent, s.received, s.changed);
}

Result<void> show_queues(const Subject&, TextBuffer& out) {
  out.put(
      "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime    "
      "  "
      "ctime\n");
  for_each(initial_namespace().message_queues, [&](auto& queue) { put_queue(out, queue.id(), queue.status()); });
  return {};
}

void put_set(TextBuffer& out, int id, const SemaphoreSet::Status& s) {
  put_beginning(out, id, s.permissions);
  out.print("{:10} ", s.count);
  put_owners(out, s.permissions);
  out.print("{:10} {:10}\n", s.operated, s.changed);
}

Result<void> show_sets(const Subject&, TextBuffer& out) {
  out.put("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
  for_each(initial_namespace().semaphore_sets, [&](auto& set) { put_set(out, set.id(), set.status()); });
  return {};
}

constexpr Entry kEntries[] = {file("msg", show_queues), file("sem", show_sets), file("shm", show_segments)};

}  // namespace

constexpr DirectoryTable kSysvIpcDirectory{kEntries};

}  // namespace k::fs::proc
