import CLibrary

#if canImport(Glibc)
  /// `EAGAIN` for EAGAIN; `nil` for a number that is no error.
  func errorName(_ number: Int32) -> String? {
    strerrorname_np(number).map { String(cString: $0) }
  }
#else
  /// `EAGAIN` for EAGAIN; `nil` for a number that is no error that sockets know. (Only
  /// GNU's library can tell the names of its errors.)
  func errorName(_ number: Int32) -> String? {
    // (Two numbers on a Mac, and one elsewhere, which a table cannot have twice.)
    names[number] ?? (number == ENOTSUP ? "ENOTSUP" : nil)
  }

  private let names: [Int32: String] = [
    EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF",
    EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES", EFAULT: "EFAULT",
    EBUSY: "EBUSY", EEXIST: "EEXIST", ENODEV: "ENODEV", ENOTDIR: "ENOTDIR",
    EISDIR: "EISDIR", EINVAL: "EINVAL", ENFILE: "ENFILE", EMFILE: "EMFILE",
    ENOTTY: "ENOTTY", EFBIG: "EFBIG", ENOSPC: "ENOSPC", ESPIPE: "ESPIPE",
    EROFS: "EROFS", EPIPE: "EPIPE", EDOM: "EDOM", ERANGE: "ERANGE",
    EINPROGRESS: "EINPROGRESS", EALREADY: "EALREADY", ENOTSOCK: "ENOTSOCK",
    EDESTADDRREQ: "EDESTADDRREQ", EMSGSIZE: "EMSGSIZE", EPROTOTYPE: "EPROTOTYPE",
    ENOPROTOOPT: "ENOPROTOOPT", EPROTONOSUPPORT: "EPROTONOSUPPORT",
    EOPNOTSUPP: "EOPNOTSUPP", EAFNOSUPPORT: "EAFNOSUPPORT",
    EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", ENETDOWN: "ENETDOWN",
    ENETUNREACH: "ENETUNREACH", ENETRESET: "ENETRESET",
    ECONNABORTED: "ECONNABORTED", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS",
    EISCONN: "EISCONN", ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT",
    ECONNREFUSED: "ECONNREFUSED", ELOOP: "ELOOP", ENAMETOOLONG: "ENAMETOOLONG",
    EHOSTUNREACH: "EHOSTUNREACH", ENOLCK: "ENOLCK", ENOSYS: "ENOSYS",
    ECANCELED: "ECANCELED", EPROTO: "EPROTO",
  ]
#endif
