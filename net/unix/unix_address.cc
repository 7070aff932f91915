#include "net/unix/unix_address.h"

#include "kernel/abi/socket.h"

namespace k::net {

Result<UnixName> UnixName::parse(const SocketAddress& address) {
  constexpr std::size_t kMax = sizeof(uapi::sockaddr_un);
  if (address.length < UnixAddress::kFamilyBytes || address.length > kMax) return err(Errno::inval);
  if (address.family() != abi::kAfUnix) return err(Errno::inval);
  const auto* text = reinterpret_cast<const char*>(address.bytes) + UnixAddress::kFamilyBytes;
  std::string_view all{text, address.length - UnixAddress::kFamilyBytes};
  if (!all.empty() && all[0] != '\0') all = all.substr(0, all.find('\0'));
  return UnixName{all};
}

Result<Ref<UnixAddress>> UnixAddress::create(std::string_view text) {
  auto address = TRY(make_ref<UnixAddress>());
  address->length_ = text.size();
  std::memcpy(address->text_, text.data(), text.size());
  return address;
}

void UnixAddress::print(SocketAddress& out) const {
  print_unnamed(out);
  std::memcpy(out.bytes + kFamilyBytes, text_, length_);
  out.length = kFamilyBytes + length_;
  if (!is_abstract()) out.bytes[out.length++] = std::byte{0};
}

void UnixAddress::print_unnamed(SocketAddress& out) {
  const uapi::__kernel_sa_family_t family = abi::kAfUnix;
  std::memcpy(out.bytes, &family, sizeof family);
  out.length = sizeof family;
}

}  // namespace k::net
