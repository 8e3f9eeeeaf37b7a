import CLibrary
import Sockets

/// The file by which clients find a Unix server. Binding makes it, and closing the
/// socket does not remove it: whoever comes next finds the address in use, and nobody
/// there. So the server removes it, if it is still the one that it made; another server
/// may have put its own there meanwhile.
///
/// asyncio: _UnixSelectorEventLoop._unix_server_sockets (since 3.13)
struct SocketFile {
  private let path: String
  private let inode: ino_t

  /// - Parameter listener: a bound Unix socket; one that is not bound has no file.
  init?(of listener: Socket) {
    guard let path = try? listener.getsockname().path, let inode = Self.inode(path)
    else { return nil }
    (self.path, self.inode) = (path, inode)
  }

  /// - Throws: `SystemError` if it cannot be removed, or nobody can say whether it is
  ///   there. That it is gone already is no error.
  ///
  /// asyncio: _UnixSelectorEventLoop._stop_serving
  func remove() throws(SystemError) {
    guard let found = Self.inode(path) else {
      if errno == ENOENT { return }
      throw SystemError(in: "stat", about: path)
    }
    if found == inode && unlink(path) != 0 {
      throw SystemError(in: "unlink", about: path)
    }
  }

  private static func inode(_ path: String) -> ino_t? {
    var file = stat()
    return stat(path, &file) == 0 ? file.st_ino : nil
  }
}
