#include "ipc/sysv/attachment.h"

#include "kernel/lib/format.h"

namespace k::ipc::sysv {

/// Linux shows the key at creation, and the identifier as the inode number.
void Attachment::name(mm::SourceName& out) const {
  lib::TextBuffer text{out.path};
  text.print("/SYSV{:08x} (deleted)", static_cast<std::uint32_t>(segment_->first_key_));
  out.path = out.path.first(text.size());
  out.device_minor = 1;
  out.inode = static_cast<std::uint32_t>(segment_->id());
}

}  // namespace k::ipc::sysv
