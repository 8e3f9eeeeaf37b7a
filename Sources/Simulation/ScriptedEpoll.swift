import Sockets

/// The list of descriptors that a scripted kernel keeps for `EpollSelector`, where a
/// script is about that list: what the loop believes to be watched and what the kernel
/// watches can part.
///
/// Nothing of it is scripted. Who writes the script says which descriptors are ready.
/// From then on each is reported for as long as it is on the list, until a call on it
/// answers EAGAIN; and one that is closed leaves the list by itself.
public struct ScriptedEpoll {
  /// The descriptor of the epoll instance.
  public static let descriptor: Int32 = 4
  /// What is true of descriptors, in epoll's bits, whether they are watched or not.
  public var ready: [Int32: UInt32] = [:]
  /// How much longer than it was asked to a wait takes, in seconds.
  public var delay = 0.0
  private var watched: [Int32: UInt32] = [:]

  /// An empty list.
  public init() {}

  /// What a wait would report now.
  var news: [Int32: UInt32] {
    watched.reduce(into: [:]) { news, entry in
      let bits = entry.value & ready[entry.key, default: 0]
      if bits != 0 { news[entry.key] = bits }
    }
  }

  mutating func change(_ change: EpollChange, _ fd: Int32, _ events: UInt32) {
    watched[fd] = change == .delete ? nil : events
  }

  /// The descriptor was closed.
  mutating func forget(_ fd: Int32) {
    watched[fd] = nil
    ready[fd] = nil
  }

  /// A call on the descriptor answered EAGAIN.
  mutating func runDry(_ call: SystemCall) {
    switch call {
    case .accept(let fd), .recv(let fd, _): ready[fd, default: 0] &= ~EpollBits.in
    case .send(let fd, _), .sendmsg(let fd, _):
      ready[fd, default: 0] &= ~EpollBits.out
    default: break
    }
  }
}
