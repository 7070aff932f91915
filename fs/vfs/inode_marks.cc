#include "fs/vfs/inode_marks.h"

namespace k::fs {

constinit std::atomic<std::uint32_t> g_inode_marks{0};

void InodeMarks::link(List& list, InodeMark& mark) {
  mark.ref();
  mark.listed_ = true;
  list.push_back(mark);
  g_inode_marks.fetch_add(1, std::memory_order_relaxed);
}

void InodeMarks::drop(List& list, InodeMark& mark, std::uint32_t why) {
  mark.listed_ = false;
  list.erase(mark);
  g_inode_marks.fetch_sub(1, std::memory_order_relaxed);
  mark.dropped(why);
  lib::release(&mark);
}

void InodeMarks::tell(const FileEvent& event) {
  sync::Locked marks{marks_};
  for (InodeMark* mark = marks->front(); mark != nullptr;) {
    InodeMark* const next = marks->next(*mark);
    if (mark->handle(event) == Keep::no) drop(*marks, *mark, 0);
    mark = next;
  }
}

bool InodeMarks::remove(InodeMark& mark) {
  sync::Locked marks{marks_};
  if (!mark.listed_) return false;
  drop(*marks, mark, 0);
  return true;
}

void InodeMarks::remove_those_of(const FdTable& table, const File& file) {
  sync::Locked marks{marks_};
  for (InodeMark* mark = marks->front(); mark != nullptr;) {
    InodeMark* const next = marks->next(*mark);
    if (mark->ends_with(table, file)) drop(*marks, *mark, 0);
    mark = next;
  }
}

void InodeMarks::release_all(std::uint32_t why) {
  sync::Locked marks{marks_};
  while (InodeMark* const mark = marks->front()) drop(*marks, *mark, why);
}

}  // namespace k::fs
