// The other ends of a live loop's connections. They know sockets, and neither the loop
// nor the screen.

import CLibrary
import Screen
import Sockets

/// The reader, as clients of the running loop.
///
/// They are the world, not the program: their system calls are made in the reader's
/// thread and not recorded. What they did is said in a sentence, for the recording.
/// None of them ever waits: they look when the kernel says that there is something.
struct Clients {
  /// Something that was done or noticed, and the line of source that did it.
  struct Note {
    let text: String
    let file: StaticString
    let line: UInt
    init(_ text: String, file: StaticString = #fileID, line: UInt = #line) {
      self.text = text
      self.file = file
      self.line = line
    }
  }

  /// Something that cannot be done, in a sentence.
  struct Refusal: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private struct Client {
    let number: Int
    let socket: Socket
    var hasEnded = false
  }

  private let port: UInt16
  private var count = 0
  private var all: [Client] = []
  /// The number of the one that the reader speaks for.
  private(set) var chosen: Int?

  init(port: UInt16) { self.port = port }

  /// Who is connected.
  var numbers: [Int] { all.map(\.number) }
  /// Where something may come from.
  var descriptors: [Int32] { all.map(\.socket.descriptor) }

  // MARK: What the reader does

  /// - Returns: what was done; `nil` if that is nobody's concern but the reader's.
  mutating func perform(_ act: ClientAct) throws(Refusal) -> Note? {
    if act == .connect { return try connect() }
    if case .choose(let number) = act {
      chosen = number
      return nil
    }
    guard let place = all.firstIndex(where: { $0.number == chosen }) else {
      throw Refusal("no client is connected; C connects one")
    }
    let name = "client \(all[place].number)"
    do {
      switch act {
      case .send(let line): return try send(line + "\n", place)
      case .endSending:
        if all[place].hasEnded {
          throw Refusal("\(name) has ended its sending already")
        }
        try all[place].socket.shutdown(.write)
        all[place].hasEnded = true
        return Note("\(name) has nothing more to send, and says so; it still reads")
      default:
        // Waiting zero seconds for what is unsent: the kernel's words for a reset.
        try all[place].socket.setsockopt(.linger, 0)
        remove(place)
        return Note("\(name) resets the connection")
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      remove(place)
      return Note("\(name) cannot do that any more (\(reason(error))), and hangs up")
    }
  }

  private mutating func connect() throws(Refusal) -> Note {
    let number = count + 1
    do {
      let socket = try Socket()
      try socket.setBlocking(false)
      do {
        try socket.connect(SocketAddress("127.0.0.1", port: port))
      } catch let error as SystemError where error.wouldBlock {
        // Within this machine that is a matter of microseconds, unless the listener
        // has no place left in its backlog.
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 200) > 0 else {
          throw Refusal("the kernel does not answer; is the listener's backlog full?")
        }
        let errno = try socket.getsockopt(.error)
        if errno != 0 { throw SystemError(errno, in: "connect") }
      }
      all.append(Client(number: number, socket: socket))
    } catch let error as SystemError where error.errno == ECONNREFUSED {
      throw Refusal("nobody listens on port \(port) at this step; let the loop go on")
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal("a client cannot connect: \(reason(error))")
    }
    count = number
    chosen = number
    return Note("client \(number) connects; the kernel shakes hands with it by itself")
  }

  private func send(_ line: String, _ place: Int) throws -> Note {
    let name = "client \(all[place].number)"
    if all[place].hasEnded { throw Refusal("\(name) has said that it sends no more") }
    let bytes = Array(line.utf8)
    do {
      let sent = try bytes.withUnsafeBytes { try all[place].socket.send($0) }
      let part = sent == bytes.count ? "" : ", of which \(sent) bytes find room"
      return Note("\(name) sends \(line.debugDescription)\(part)")
    } catch let error as SystemError where error.wouldBlock {
      throw Refusal("the kernel has no room for more; let the loop read first")
    }
  }

  // MARK: What comes back

  /// Takes what has arrived at a descriptor.
  ///
  /// - Returns: what it was; `nil` if there is nothing (any more).
  mutating func read(_ descriptor: Int32) -> Note? {
    guard let place = all.firstIndex(where: { $0.socket.descriptor == descriptor })
    else { return nil }
    let client = all[place]
    let name = "client \(client.number)"
    do {
      let bytes = try client.socket.recv(4096)
      if !bytes.isEmpty {
        let text = String(decoding: bytes, as: UTF8.self)
        return Note("\(name) reads \(text.debugDescription)")
      }
      remove(place)
      return Note("\(name) reads the end of the stream, and hangs up")
    } catch let error as SystemError where error.wouldBlock {
      return nil
    } catch {
      remove(place)
      return Note("\(name) finds its connection lost: \(reason(error))")
    }
  }

  private mutating func remove(_ place: Int) {
    all.remove(at: place).socket.close()
    if !numbers.contains(where: { $0 == chosen }) { chosen = numbers.last }
  }

  private func reason(_ error: any Error) -> String {
    (error as? SystemError)?.name ?? "\(error)"
  }
}
