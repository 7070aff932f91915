/// The numbers and structures of the socket calls, which no UAPI header has: user space gets them from its C library.
///
/// Invariants  names of their own, because the C library of the host's unit tests has macros by the usual ones.
/// Source      socket(2), send(2), recv(2), cmsg(3); the System V ABI's layout of struct msghdr on x86-64.
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::abi {

inline constexpr int kAfUnspec = 0, kAfUnix = 1, kAfNetlink = 16, kAfMax = 46;
inline constexpr int kSockStream = 1, kSockDgram = 2, kSockRaw = 3, kSockSeqpacket = 5, kSockMax = 11;
inline constexpr unsigned kSockTypeMask = 0xf, kSockNonblock = 04000, kSockCloexec = 02000000;

inline constexpr unsigned kMsgOob = 0x1, kMsgPeek = 0x2, kMsgCtrunc = 0x8, kMsgTrunc = 0x20, kMsgDontwait = 0x40,
                          kMsgEor = 0x80, kMsgWaitall = 0x100, kMsgErrqueue = 0x2000, kMsgNosignal = 0x4000,
                          kMsgWaitforone = 0x10000, kMsgCmsgCloexec = 0x40000000, kMsgCmsgCompat = 0x80000000;

inline constexpr int kScmRights = 1, kScmCredentials = 2;
inline constexpr int kSomaxconn = 4096;  // net.core.somaxconn

/// struct msghdr.
struct MessageHeader {
  std::uint64_t name;
  std::int32_t name_bytes;
  std::uint32_t padding1;
  std::uint64_t vector;
  std::uint64_t vector_count;
  std::uint64_t control;
  std::uint64_t control_bytes;
  std::uint32_t flags;
  std::uint32_t padding2;
};
static_assert(sizeof(MessageHeader) == 56 && offsetof(MessageHeader, vector) == 16 &&
              offsetof(MessageHeader, control) == 32 && offsetof(MessageHeader, flags) == 48);

/// struct mmsghdr.
struct MultipleMessageHeader {
  MessageHeader header;
  std::uint32_t moved;
  std::uint32_t padding;
};
static_assert(sizeof(MultipleMessageHeader) == 64 && offsetof(MultipleMessageHeader, moved) == 56);

/// struct cmsghdr.
struct ControlHeader {
  std::uint64_t bytes;  // with this header
  std::int32_t level, type;
};
static_assert(sizeof(ControlHeader) == 16);

/// struct ucred.
struct UserCredentials {
  std::int32_t pid;
  std::uint32_t uid, gid;
};
static_assert(sizeof(UserCredentials) == 12);

}  // namespace k::abi
