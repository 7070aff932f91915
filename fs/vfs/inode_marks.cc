#include "fs/vfs/inode_marks.h"

namespace k::fs {

constinit std::atomic<std::uint32_t> g_inode_marks{0};

InodeMark* InodeMarks::find(List& list, const void* owner) {
  InodeMark* mark = list.front();
  while (mark != nullptr && mark->owner() != owner) mark = list.next(*mark);
  return mark;
}

void InodeMarks::link(List& list, InodeMark& mark) {
  mark.ref();
  mark.listed_ = true;
  list.push_back(mark);
  g_inode_marks.fetch_add(1, std::memory_order_relaxed);
}

/// The list's reference is the caller's to drop.
void InodeMarks::unlink(List& list, InodeMark& mark) {
  mark.listed_ = false;
  list.erase(mark);
  g_inode_marks.fetch_sub(1, std::memory_order_relaxed);
}

void InodeMarks::tell(const FileEvent& event) {
  sync::Locked marks{marks_};
  for (InodeMark* mark = marks->front(); mark != nullptr;) {
    InodeMark* const next = marks->next(*mark);
    if (mark->handle(event) == Keep::no) {
      unlink(*marks, *mark);
      mark->dropped(0);
      lib::release(mark);
    }
    mark = next;
  }
}

bool InodeMarks::remove(InodeMark& mark) {
  sync::Locked marks{marks_};
  if (!mark.listed_) return false;
  unlink(*marks, mark);
  mark.dropped(0);
  lib::release(&mark);
  return true;
}

void InodeMarks::release_all(std::uint32_t why) {
  sync::Locked marks{marks_};
  while (InodeMark* const mark = marks->front()) {
    unlink(*marks, *mark);
    mark->dropped(why);
    lib::release(mark);
  }
}

}  // namespace k::fs
