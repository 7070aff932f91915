/// PipeFile: one or both ends of a pipe as an open file description; pipes and FIFOs.
/// Errors      make_pipe: NOMEM. Opening a FIFO: NXIO (writing, non-blocking, no reader), interrupted. Source: pipe(2), fifo(7).
#pragma once

#include "fs/vfs/open.h"
#include "ipc/pipe.h"

namespace k::ipc {

class PipeFile final : public fs::File, public mm::SlabAllocated<PipeFile> {
 public:
  /// The ends of `pipe` that `flags` (an access mode) names.
  static Result<Ref<PipeFile>> create(const fs::PathRef& path, Ref<Pipe> pipe, lib::Flags flags);
  static constexpr fs::FileClass kClass{"pipe"};
  const fs::FileClass* file_class() const override { return &kClass; }
  Pipe& pipe() const { return *pipe_; }

  /// Opens a FIFO by its name.
  static Result<Ref<fs::File>> open_fifo(const fs::OpenRequest& request);

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  fs::AsyncPlaces async_places() override;
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  Result<std::size_t> buffer_capacity() override { return pipe_->capacity(); }
  Result<std::size_t> set_buffer_capacity(std::size_t bytes) override { return pipe_->set_capacity(bytes); }
  std::size_t describe_anonymous(std::span<char> out) const override;

 private:
  PipeFile(const fs::PathRef& path, Ref<Pipe> pipe, lib::Flags flags);
  void closed() override;
  Ends ends() const;

  Ref<Pipe> pipe_;
  // How it stood when this one came: a reader that was before any writer sees no hang-up until one has been there. Nothing for an
  // opener that came too late, or was interrupted: its ends are not open.
  std::optional<Pipe::Others> others_;
};

struct PipePair {
  Ref<fs::File> reader, writer;
};
/// pipe(2). `flags`: O_NONBLOCK, O_DIRECT.
Result<PipePair> make_pipe(const fs::Credentials& who, lib::Flags flags);

/// Makes FIFOs work. Boot, once.
Result<void> init();

}  // namespace k::ipc
