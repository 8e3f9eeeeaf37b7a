public import Sockets

/// A kernel that hands everything to another one. A test overrides the calls that
/// it wants to see, or to answer otherwise.
open class ForwardingKernel: EpollKernel, KqueueKernel {
  private let base: any Kernel

  /// - Parameter base: the machine's, if it is left out.
  public init(to base: (any Kernel)? = nil) { self.base = base ?? systemKernel }

  // What the other one is beside a kernel, so is this one.
  public var asEpoll: (any EpollKernel)? { base.asEpoll == nil ? nil : self }
  public var asKqueue: (any KqueueKernel)? { base.asKqueue == nil ? nil : self }

  open func adopt(_ fd: Int32, _ site: CallSite) { base.adopt(fd, site) }

  open func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 { try base.socket(family, type, site) }

  open func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) { try base.bind(fd, address, site) }

  open func listen(_ fd: Int32, _ backlog: Int32, _ site: CallSite) throws(SystemError)
  { try base.listen(fd, backlog, site) }

  open func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    try base.accept(fd, site)
  }

  open func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) { try base.connect(fd, address, site) }

  open func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int { try base.recv(fd, into: buffer, site) }

  open func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int { try base.send(fd, bytes, site) }

  open func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int { try base.sendmsg(fd, chunks, site) }

  open func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) { try base.shutdown(fd, direction, site) }

  open func close(_ fd: Int32, _ site: CallSite) { base.close(fd, site) }

  open func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 { try base.getsockopt(fd, option, site) }

  open func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) { try base.setsockopt(fd, option, value, site) }

  open func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) { try base.setBlocking(fd, blocking, site) }

  open func getsockname(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress { try base.getsockname(fd, site) }

  open func getpeername(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress { try base.getpeername(fd, site) }

  open func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo] {
    try base.getaddrinfo(host, port, family, type)
  }

  open func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try base.asEpoll!.epollCreate(site)
  }

  open func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    try base.asEpoll!.epollControl(epoll, change, fd, events, site)
  }

  open func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    try base.asEpoll!.epollWait(epoll, limit: limit, timeout: timeout, site)
  }

  open func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    try base.poll(interest, timeout: timeout, site)
  }

  open func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try base.asKqueue!.kqueueCreate(site)
  }

  open func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError) {
    try base.asKqueue!.kqueueControl(queue, change, fd, filter, site)
  }

  open func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    try base.asKqueue!.kqueueWait(queue, limit: limit, timeout: timeout, site)
  }

  open func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
    try base.selfPipe(site)
  }

  open func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError) {
    try base.raise(writeEnd, site)
  }

  open func drain(_ readEnd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    try base.drain(readEnd, site)
  }

  open func now() -> Double { base.now() }

  open var clockResolution: Double { base.clockResolution }
}
