// SPDX-License-Identifier: BSD-2-Clause

/// An error number of FreeBSD (sys/errno.h), thrown by every kernel call.
///
/// Numbers and texts are FreeBSD's: the host's `errno` and strerror(3) differ and are never asked.
package struct Errno: RawRepresentable, Error, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The C name, such as `ENOENT`, or the number where no name exists.
  package var name: String {
    row?.name ?? "\(rawValue)"
  }

  /// What strerror(3) of FreeBSD says.
  package var message: String {
    if let row { return row.message }
    return rawValue == 0 ? "Undefined error: 0" : "Unknown error: \(rawValue)"
  }

  private var row: (name: String, message: String)? {
    let index = Int(rawValue) - 1
    return Self.table.indices.contains(index) ? Self.table[index] : nil
  }

  /// Names and texts by number, from 1 on.
  private static let table: [(name: String, message: String)] = [
    ("EPERM", "Operation not permitted"),
    ("ENOENT", "No such file or directory"),
    ("ESRCH", "No such process"),
    ("EINTR", "Interrupted system call"),
    ("EIO", "Input/output error"),
    ("ENXIO", "Device not configured"),
    ("E2BIG", "Argument list too long"),
    ("ENOEXEC", "Exec format error"),
    ("EBADF", "Bad file descriptor"),
    ("ECHILD", "No child processes"),
    ("EDEADLK", "Resource deadlock avoided"),
    ("ENOMEM", "Cannot allocate memory"),
    ("EACCES", "Permission denied"),
    ("EFAULT", "Bad address"),
    ("ENOTBLK", "Block device required"),
    ("EBUSY", "Device busy"),
    ("EEXIST", "File exists"),
    ("EXDEV", "Cross-device link"),
    ("ENODEV", "Operation not supported by device"),
    ("ENOTDIR", "Not a directory"),
    ("EISDIR", "Is a directory"),
    ("EINVAL", "Invalid argument"),
    ("ENFILE", "Too many open files in system"),
    ("EMFILE", "Too many open files"),
    ("ENOTTY", "Inappropriate ioctl for device"),
    ("ETXTBSY", "Text file busy"),
    ("EFBIG", "File too large"),
    ("ENOSPC", "No space left on device"),
    ("ESPIPE", "Illegal seek"),
    ("EROFS", "Read-only file system"),
    ("EMLINK", "Too many links"),
    ("EPIPE", "Broken pipe"),
    ("EDOM", "Numerical argument out of domain"),
    ("ERANGE", "Result too large"),
    ("EAGAIN", "Resource temporarily unavailable"),
    ("EINPROGRESS", "Operation now in progress"),
    ("EALREADY", "Operation already in progress"),
    ("ENOTSOCK", "Socket operation on non-socket"),
    ("EDESTADDRREQ", "Destination address required"),
    ("EMSGSIZE", "Message too long"),
    ("EPROTOTYPE", "Protocol wrong type for socket"),
    ("ENOPROTOOPT", "Protocol not available"),
    ("EPROTONOSUPPORT", "Protocol not supported"),
    ("ESOCKTNOSUPPORT", "Socket type not supported"),
    ("EOPNOTSUPP", "Operation not supported"),
    ("EPFNOSUPPORT", "Protocol family not supported"),
    ("EAFNOSUPPORT", "Address family not supported by protocol family"),
    ("EADDRINUSE", "Address already in use"),
    ("EADDRNOTAVAIL", "Can't assign requested address"),
    ("ENETDOWN", "Network is down"),
    ("ENETUNREACH", "Network is unreachable"),
    ("ENETRESET", "Network dropped connection on reset"),
    ("ECONNABORTED", "Software caused connection abort"),
    ("ECONNRESET", "Connection reset by peer"),
    ("ENOBUFS", "No buffer space available"),
    ("EISCONN", "Socket is already connected"),
    ("ENOTCONN", "Socket is not connected"),
    ("ESHUTDOWN", "Can't send after socket shutdown"),
    ("ETOOMANYREFS", "Too many references: can't splice"),
    ("ETIMEDOUT", "Operation timed out"),
    ("ECONNREFUSED", "Connection refused"),
    ("ELOOP", "Too many levels of symbolic links"),
    ("ENAMETOOLONG", "File name too long"),
    ("EHOSTDOWN", "Host is down"),
    ("EHOSTUNREACH", "No route to host"),
    ("ENOTEMPTY", "Directory not empty"),
    ("EPROCLIM", "Too many processes"),
    ("EUSERS", "Too many users"),
    ("EDQUOT", "Disc quota exceeded"),
    ("ESTALE", "Stale NFS file handle"),
    ("EREMOTE", "Too many levels of remote in path"),
    ("EBADRPC", "RPC struct is bad"),
    ("ERPCMISMATCH", "RPC version wrong"),
    ("EPROGUNAVAIL", "RPC prog. not avail"),
    ("EPROGMISMATCH", "Program version wrong"),
    ("EPROCUNAVAIL", "Bad procedure for program"),
    ("ENOLCK", "No locks available"),
    ("ENOSYS", "Function not implemented"),
    ("EFTYPE", "Inappropriate file type or format"),
    ("EAUTH", "Authentication error"),
    ("ENEEDAUTH", "Need authenticator"),
    ("EIDRM", "Identifier removed"),
    ("ENOMSG", "No message of desired type"),
    ("EOVERFLOW", "Value too large to be stored in data type"),
    ("ECANCELED", "Operation canceled"),
    ("EILSEQ", "Illegal byte sequence"),
    ("ENOATTR", "Attribute not found"),
    ("EDOOFUS", "Programming error"),
    ("EBADMSG", "Bad message"),
    ("EMULTIHOP", "Multihop attempted"),
    ("ENOLINK", "Link has been severed"),
    ("EPROTO", "Protocol error"),
  ]
}

extension Errno: CustomStringConvertible {
  package var description: String { name }
}

extension Errno {
  package static var EPERM: Errno { Errno(rawValue: 1) }
  package static var ENOENT: Errno { Errno(rawValue: 2) }
  package static var ESRCH: Errno { Errno(rawValue: 3) }
  package static var EINTR: Errno { Errno(rawValue: 4) }
  package static var EIO: Errno { Errno(rawValue: 5) }
  package static var ENXIO: Errno { Errno(rawValue: 6) }
  package static var E2BIG: Errno { Errno(rawValue: 7) }
  package static var ENOEXEC: Errno { Errno(rawValue: 8) }
  package static var EBADF: Errno { Errno(rawValue: 9) }
  package static var ECHILD: Errno { Errno(rawValue: 10) }
  package static var EDEADLK: Errno { Errno(rawValue: 11) }
  package static var ENOMEM: Errno { Errno(rawValue: 12) }
  package static var EACCES: Errno { Errno(rawValue: 13) }
  package static var EFAULT: Errno { Errno(rawValue: 14) }
  package static var ENOTBLK: Errno { Errno(rawValue: 15) }
  package static var EBUSY: Errno { Errno(rawValue: 16) }
  package static var EEXIST: Errno { Errno(rawValue: 17) }
  package static var EXDEV: Errno { Errno(rawValue: 18) }
  package static var ENODEV: Errno { Errno(rawValue: 19) }
  package static var ENOTDIR: Errno { Errno(rawValue: 20) }
  package static var EISDIR: Errno { Errno(rawValue: 21) }
  package static var EINVAL: Errno { Errno(rawValue: 22) }
  package static var ENFILE: Errno { Errno(rawValue: 23) }
  package static var EMFILE: Errno { Errno(rawValue: 24) }
  package static var ENOTTY: Errno { Errno(rawValue: 25) }
  package static var ETXTBSY: Errno { Errno(rawValue: 26) }
  package static var EFBIG: Errno { Errno(rawValue: 27) }
  package static var ENOSPC: Errno { Errno(rawValue: 28) }
  package static var ESPIPE: Errno { Errno(rawValue: 29) }
  package static var EROFS: Errno { Errno(rawValue: 30) }
  package static var EMLINK: Errno { Errno(rawValue: 31) }
  package static var EPIPE: Errno { Errno(rawValue: 32) }
  package static var EDOM: Errno { Errno(rawValue: 33) }
  package static var ERANGE: Errno { Errno(rawValue: 34) }
  package static var EAGAIN: Errno { Errno(rawValue: 35) }
  package static var EINPROGRESS: Errno { Errno(rawValue: 36) }
  package static var EALREADY: Errno { Errno(rawValue: 37) }
  package static var ENOTSOCK: Errno { Errno(rawValue: 38) }
  package static var EDESTADDRREQ: Errno { Errno(rawValue: 39) }
  package static var EMSGSIZE: Errno { Errno(rawValue: 40) }
  package static var EPROTOTYPE: Errno { Errno(rawValue: 41) }
  package static var ENOPROTOOPT: Errno { Errno(rawValue: 42) }
  package static var EPROTONOSUPPORT: Errno { Errno(rawValue: 43) }
  package static var ESOCKTNOSUPPORT: Errno { Errno(rawValue: 44) }
  package static var EOPNOTSUPP: Errno { Errno(rawValue: 45) }
  package static var EPFNOSUPPORT: Errno { Errno(rawValue: 46) }
  package static var EAFNOSUPPORT: Errno { Errno(rawValue: 47) }
  package static var EADDRINUSE: Errno { Errno(rawValue: 48) }
  package static var EADDRNOTAVAIL: Errno { Errno(rawValue: 49) }
  package static var ENETDOWN: Errno { Errno(rawValue: 50) }
  package static var ENETUNREACH: Errno { Errno(rawValue: 51) }
  package static var ENETRESET: Errno { Errno(rawValue: 52) }
  package static var ECONNABORTED: Errno { Errno(rawValue: 53) }
  package static var ECONNRESET: Errno { Errno(rawValue: 54) }
  package static var ENOBUFS: Errno { Errno(rawValue: 55) }
  package static var EISCONN: Errno { Errno(rawValue: 56) }
  package static var ENOTCONN: Errno { Errno(rawValue: 57) }
  package static var ESHUTDOWN: Errno { Errno(rawValue: 58) }
  package static var ETOOMANYREFS: Errno { Errno(rawValue: 59) }
  package static var ETIMEDOUT: Errno { Errno(rawValue: 60) }
  package static var ECONNREFUSED: Errno { Errno(rawValue: 61) }
  package static var ELOOP: Errno { Errno(rawValue: 62) }
  package static var ENAMETOOLONG: Errno { Errno(rawValue: 63) }
  package static var EHOSTDOWN: Errno { Errno(rawValue: 64) }
  package static var EHOSTUNREACH: Errno { Errno(rawValue: 65) }
  package static var ENOTEMPTY: Errno { Errno(rawValue: 66) }
  package static var EPROCLIM: Errno { Errno(rawValue: 67) }
  package static var EUSERS: Errno { Errno(rawValue: 68) }
  package static var EDQUOT: Errno { Errno(rawValue: 69) }
  package static var ESTALE: Errno { Errno(rawValue: 70) }
  package static var EREMOTE: Errno { Errno(rawValue: 71) }
  package static var EBADRPC: Errno { Errno(rawValue: 72) }
  package static var ERPCMISMATCH: Errno { Errno(rawValue: 73) }
  package static var EPROGUNAVAIL: Errno { Errno(rawValue: 74) }
  package static var EPROGMISMATCH: Errno { Errno(rawValue: 75) }
  package static var EPROCUNAVAIL: Errno { Errno(rawValue: 76) }
  package static var ENOLCK: Errno { Errno(rawValue: 77) }
  package static var ENOSYS: Errno { Errno(rawValue: 78) }
  package static var EFTYPE: Errno { Errno(rawValue: 79) }
  package static var EAUTH: Errno { Errno(rawValue: 80) }
  package static var ENEEDAUTH: Errno { Errno(rawValue: 81) }
  package static var EIDRM: Errno { Errno(rawValue: 82) }
  package static var ENOMSG: Errno { Errno(rawValue: 83) }
  package static var EOVERFLOW: Errno { Errno(rawValue: 84) }
  package static var ECANCELED: Errno { Errno(rawValue: 85) }
  package static var EILSEQ: Errno { Errno(rawValue: 86) }
  package static var ENOATTR: Errno { Errno(rawValue: 87) }
  package static var EDOOFUS: Errno { Errno(rawValue: 88) }
  package static var EBADMSG: Errno { Errno(rawValue: 89) }
  package static var EMULTIHOP: Errno { Errno(rawValue: 90) }
  package static var ENOLINK: Errno { Errno(rawValue: 91) }
  package static var EPROTO: Errno { Errno(rawValue: 92) }
}
