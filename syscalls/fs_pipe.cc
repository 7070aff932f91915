// pipe, pipe2.
#include <array>

#include "ipc/pipe_file.h"
#include "syscalls/fs_args.h"

namespace k::sys {

Result<void> pipe2(Task& self, UserOut<std::array<int, 2>> out, Flags flags) {
  if (!flags.only(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return err(Errno::inval);
  auto ends = TRY(ipc::make_pipe(self.creds(), flags.without(O_CLOEXEC)));
  // Reserve, copy out, publish: a bad pointer leaves nothing to undo.
  auto reader = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  auto writer = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  TRY(out.write({reader.number(), writer.number()}));
  std::move(reader).publish(std::move(ends.reader), cloexec_flag(flags));
  std::move(writer).publish(std::move(ends.writer), cloexec_flag(flags));
  return {};
}

Result<void> pipe(Task& self, UserOut<std::array<int, 2>> out) { return pipe2(self, out, Flags{}); }

}  // namespace k::sys
