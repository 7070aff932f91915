#include "syscalls/errno_name.h"

#include <asm-generic/errno.h>

#include <array>

namespace k::sys {
namespace {

constexpr int kMax = EHWPOISON;
struct Name {
  int number;
  std::string_view text;
};
constexpr Name kNames[] = {
    Name{EPERM, "EPERM"},
    Name{ENOENT, "ENOENT"},
    Name{ESRCH, "ESRCH"},
    Name{EINTR, "EINTR"},
    Name{EIO, "EIO"},
    Name{ENXIO, "ENXIO"},
    Name{E2BIG, "E2BIG"},
    Name{ENOEXEC, "ENOEXEC"},
    Name{EBADF, "EBADF"},
    Name{ECHILD, "ECHILD"},
    Name{EAGAIN, "EAGAIN"},
    Name{ENOMEM, "ENOMEM"},
    Name{EACCES, "EACCES"},
    Name{EFAULT, "EFAULT"},
    Name{ENOTBLK, "ENOTBLK"},
    Name{EBUSY, "EBUSY"},
    Name{EEXIST, "EEXIST"},
    Name{EXDEV, "EXDEV"},
    Name{ENODEV, "ENODEV"},
    Name{ENOTDIR, "ENOTDIR"},
    Name{EISDIR, "EISDIR"},
    Name{EINVAL, "EINVAL"},
    Name{ENFILE, "ENFILE"},
    Name{EMFILE, "EMFILE"},
    Name{ENOTTY, "ENOTTY"},
    Name{ETXTBSY, "ETXTBSY"},
    Name{EFBIG, "EFBIG"},
    Name{ENOSPC, "ENOSPC"},
    Name{ESPIPE, "ESPIPE"},
    Name{EROFS, "EROFS"},
    Name{EMLINK, "EMLINK"},
    Name{EPIPE, "EPIPE"},
    Name{EDOM, "EDOM"},
    Name{ERANGE, "ERANGE"},
    Name{EDEADLK, "EDEADLK"},
    Name{ENAMETOOLONG, "ENAMETOOLONG"},
    Name{ENOLCK, "ENOLCK"},
    Name{ENOSYS, "ENOSYS"},
    Name{ENOTEMPTY, "ENOTEMPTY"},
    Name{ELOOP, "ELOOP"},
    Name{ENOMSG, "ENOMSG"},
    Name{EIDRM, "EIDRM"},
    Name{ECHRNG, "ECHRNG"},
    Name{EL2NSYNC, "EL2NSYNC"},
    Name{EL3HLT, "EL3HLT"},
    Name{EL3RST, "EL3RST"},
    Name{ELNRNG, "ELNRNG"},
    Name{EUNATCH, "EUNATCH"},
    Name{ENOCSI, "ENOCSI"},
    Name{EL2HLT, "EL2HLT"},
    Name{EBADE, "EBADE"},
    Name{EBADR, "EBADR"},
    Name{EXFULL, "EXFULL"},
    Name{ENOANO, "ENOANO"},
    Name{EBADRQC, "EBADRQC"},
    Name{EBADSLT, "EBADSLT"},
    Name{EBFONT, "EBFONT"},
    Name{ENOSTR, "ENOSTR"},
    Name{ENODATA, "ENODATA"},
    Name{ETIME, "ETIME"},
    Name{ENOSR, "ENOSR"},
    Name{ENONET, "ENONET"},
    Name{ENOPKG, "ENOPKG"},
    Name{EREMOTE, "EREMOTE"},
    Name{ENOLINK, "ENOLINK"},
    Name{EADV, "EADV"},
    Name{ESRMNT, "ESRMNT"},
    Name{ECOMM, "ECOMM"},
    Name{EPROTO, "EPROTO"},
    Name{EMULTIHOP, "EMULTIHOP"},
    Name{EDOTDOT, "EDOTDOT"},
    Name{EBADMSG, "EBADMSG"},
    Name{EOVERFLOW, "EOVERFLOW"},
    Name{ENOTUNIQ, "ENOTUNIQ"},
    Name{EBADFD, "EBADFD"},
    Name{EREMCHG, "EREMCHG"},
    Name{ELIBACC, "ELIBACC"},
    Name{ELIBBAD, "ELIBBAD"},
    Name{ELIBSCN, "ELIBSCN"},
    Name{ELIBMAX, "ELIBMAX"},
    Name{ELIBEXEC, "ELIBEXEC"},
    Name{EILSEQ, "EILSEQ"},
    Name{ERESTART, "ERESTART"},
    Name{ESTRPIPE, "ESTRPIPE"},
    Name{EUSERS, "EUSERS"},
    Name{ENOTSOCK, "ENOTSOCK"},
    Name{EDESTADDRREQ, "EDESTADDRREQ"},
    Name{EMSGSIZE, "EMSGSIZE"},
    Name{EPROTOTYPE, "EPROTOTYPE"},
    Name{ENOPROTOOPT, "ENOPROTOOPT"},
    Name{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
    Name{ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT"},
    Name{EOPNOTSUPP, "EOPNOTSUPP"},
    Name{EPFNOSUPPORT, "EPFNOSUPPORT"},
    Name{EAFNOSUPPORT, "EAFNOSUPPORT"},
    Name{EADDRINUSE, "EADDRINUSE"},
    Name{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    Name{ENETDOWN, "ENETDOWN"},
    Name{ENETUNREACH, "ENETUNREACH"},
    Name{ENETRESET, "ENETRESET"},
    Name{ECONNABORTED, "ECONNABORTED"},
    Name{ECONNRESET, "ECONNRESET"},
    Name{ENOBUFS, "ENOBUFS"},
    Name{EISCONN, "EISCONN"},
    Name{ENOTCONN, "ENOTCONN"},
    Name{ESHUTDOWN, "ESHUTDOWN"},
    Name{ETOOMANYREFS, "ETOOMANYREFS"},
    Name{ETIMEDOUT, "ETIMEDOUT"},
    Name{ECONNREFUSED, "ECONNREFUSED"},
    Name{EHOSTDOWN, "EHOSTDOWN"},
    Name{EHOSTUNREACH, "EHOSTUNREACH"},
    Name{EALREADY, "EALREADY"},
    Name{EINPROGRESS, "EINPROGRESS"},
    Name{ESTALE, "ESTALE"},
    Name{EUCLEAN, "EUCLEAN"},
    Name{ENOTNAM, "ENOTNAM"},
    Name{ENAVAIL, "ENAVAIL"},
    Name{EISNAM, "EISNAM"},
    Name{EREMOTEIO, "EREMOTEIO"},
    Name{EDQUOT, "EDQUOT"},
    Name{ENOMEDIUM, "ENOMEDIUM"},
    Name{EMEDIUMTYPE, "EMEDIUMTYPE"},
    Name{ECANCELED, "ECANCELED"},
    Name{ENOKEY, "ENOKEY"},
    Name{EKEYEXPIRED, "EKEYEXPIRED"},
    Name{EKEYREVOKED, "EKEYREVOKED"},
    Name{EKEYREJECTED, "EKEYREJECTED"},
    Name{EOWNERDEAD, "EOWNERDEAD"},
    Name{ENOTRECOVERABLE, "ENOTRECOVERABLE"},
    Name{ERFKILL, "ERFKILL"},
    Name{EHWPOISON, "EHWPOISON"},
};

constexpr std::array<std::string_view, kMax + 1> by_number() {
  std::array<std::string_view, kMax + 1> table;
  table.fill("E?");
  for (const Name& name : kNames) table[static_cast<std::size_t>(name.number)] = name.text;
  return table;
}
constexpr auto kByNumber = by_number();

}  // namespace

std::string_view errno_name(int error) {
  return error >= 0 && error <= kMax ? kByNumber[static_cast<std::size_t>(error)] : std::string_view{"E?"};
}

}  // namespace k::sys
