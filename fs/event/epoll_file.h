/// EpollFile: an epoll instance as an open file description.
/// Context     task context.
/// Errors      create: NOMEM. read and write: INVAL.
/// Source      epoll_create(2), epoll(7), proc_pid_fdinfo(5).
#pragma once

#include "fs/event/epoll.h"
#include "fs/vfs/anonymous_file.h"

namespace k::fs::event {

class EpollFile final : public AnonymousFile, public mm::SlabAllocated<EpollFile> {
 public:
  static constexpr FileClass kClass{"[eventpoll]"};
  static Result<Ref<EpollFile>> create();

  Epoll& epoll() { return *epoll_; }
  sync::PollEvents poll(sync::PollTable* table) override { return epoll_->poll(table); }
  void show_info(lib::TextBuffer& out) const override;

 private:
  explicit EpollFile(Ref<Epoll> epoll) : AnonymousFile(kClass, lib::Flags{O_RDWR}), epoll_(std::move(epoll)) {}
  void closed() override { epoll_->close(); }

  Ref<Epoll> epoll_;
};

}  // namespace k::fs::event
