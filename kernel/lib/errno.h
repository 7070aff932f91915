/// The one error type of the kernel.
///
/// Invariants  enumerators carry Linux's positive numbers; the sign flips once, at syscall exit.
///             `interrupted` is internal: a wait ended because a signal is pending. The syscall table says per call
///             whether it restarts (kernel/task maps it in one place), so it never reaches user memory.
/// Source      <asm-generic/errno.h>, errno(3).
#pragma once

#include <asm-generic/errno.h>

namespace k::lib {

enum class Errno : int {
  perm = EPERM,
  noent = ENOENT,
  srch = ESRCH,
  intr = EINTR,
  io = EIO,
  nxio = ENXIO,
  toobig = E2BIG,
  noexec = ENOEXEC,
  badf = EBADF,
  child = ECHILD,
  again = EAGAIN,
  nomem = ENOMEM,
  acces = EACCES,
  fault = EFAULT,
  notblk = ENOTBLK,
  busy = EBUSY,
  exist = EEXIST,
  xdev = EXDEV,
  nodev = ENODEV,
  notdir = ENOTDIR,
  isdir = EISDIR,
  inval = EINVAL,
  nfile = ENFILE,
  mfile = EMFILE,
  notty = ENOTTY,
  txtbsy = ETXTBSY,
  fbig = EFBIG,
  nospc = ENOSPC,
  spipe = ESPIPE,
  rofs = EROFS,
  mlink = EMLINK,
  pipe = EPIPE,
  dom = EDOM,
  range = ERANGE,
  deadlk = EDEADLK,
  nametoolong = ENAMETOOLONG,
  nolck = ENOLCK,
  nosys = ENOSYS,
  notempty = ENOTEMPTY,
  loop = ELOOP,
  nomsg = ENOMSG,
  idrm = EIDRM,
  nodata = ENODATA,
  overflow = EOVERFLOW,
  libbad = ELIBBAD,
  notsock = ENOTSOCK,
  destaddrreq = EDESTADDRREQ,
  msgsize = EMSGSIZE,
  prototype = EPROTOTYPE,
  noprotoopt = ENOPROTOOPT,
  protonosupport = EPROTONOSUPPORT,
  socktnosupport = ESOCKTNOSUPPORT,
  opnotsupp = EOPNOTSUPP,
  afnosupport = EAFNOSUPPORT,
  addrinuse = EADDRINUSE,
  addrnotavail = EADDRNOTAVAIL,
  connreset = ECONNRESET,
  nobufs = ENOBUFS,
  isconn = EISCONN,
  notconn = ENOTCONN,
  toomanyrefs = ETOOMANYREFS,
  timedout = ETIMEDOUT,
  connrefused = ECONNREFUSED,
  already = EALREADY,
  canceled = ECANCELED,
  ownerdead = EOWNERDEAD,
  notrecoverable = ENOTRECOVERABLE,
  interrupted = 512,
};

}  // namespace k::lib
