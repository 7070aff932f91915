// /proc/sysvipc: the System V IPC objects, one line each.
#include "fs/procfs/system.h"
#include "ipc/sysv/segment.h"

namespace k::fs::proc {
namespace {

using ipc::sysv::IdTable;
using ipc::sysv::SegmentStatus;

void put_segment(TextBuffer& out, int id, const SegmentStatus& s) {
  constexpr unsigned kShownMode = 07777;
  const unsigned mode = s.permissions.mode & kShownMode;
  std::array<char, 8> octal;
  lib::TextBuffer digits{octal};
  bool started = false;
  for (unsigned shift = 12; shift > 0;) {
    shift -= 3;
    const unsigned digit = mode >> shift & 7;
    started = started || digit != 0 || shift == 0;
    if (started) digits.print("{}", digit);
  }
  out.print("{:10} {:10}  {:>4} {:21} {:5} {:5}  {:5} ", s.permissions.key, id,
            std::string_view{octal.data(), digits.size()}, s.bytes, s.creator, s.last, s.attached);
  out.print("{:5} {:5} {:5} {:5} {:10} {:10} {:10} {:21} {:21}\n", s.permissions.uid, s.permissions.gid,
            s.permissions.cuid, s.permissions.cgid, s.attach_time, s.detach_time, s.change_time,
            s.resident_pages * kPageSize, 0);
}

Result<void> show_segments(const Subject&, TextBuffer& out) {
  out.put(
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      "
      "dtime      ctime                   rss                  swap\n");
  auto& segments = ipc::sysv::initial_namespace().segments;
  unsigned index = 0;
  while (auto segment = segments.next(index)) {
    put_segment(out, segment->id(), segment->status());
    index = (static_cast<unsigned>(segment->id()) & (IdTable::kMaxObjects - 1)) + 1;
  }
  return {};
}

constexpr Entry kEntries[] = {file("shm", show_segments)};

}  // namespace

constexpr DirectoryTable kSysvIpcDirectory{kEntries};

}  // namespace k::fs::proc
