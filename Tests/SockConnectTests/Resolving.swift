import CLibrary
import Dispatch
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// A kernel that follows a script, and a resolver that answers when the test says
/// so. The resolver is asked in another thread; the two meet at the semaphores.
private final class SlowResolver: ForwardingKernel {
  struct Question: Equatable {
    let host: String, port: UInt16, family: AddressFamily?, type: SocketType
  }
  var answer: [AddressInfo]?
  private(set) var questions: [Question] = []
  /// Raised by the test: the resolver may answer.
  let mayAnswer = DispatchSemaphore(value: 0)
  /// Raised by the worker: it has begun to ask.
  let wasAsked = DispatchSemaphore(value: 0)
  /// Raised by the worker: its mail is there.
  let hasAnswered = DispatchSemaphore(value: 0)

  override func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo] {
    questions.append(Question(host: host, port: port, family: family, type: type))
    wasAsked.signal()
    mayAnswer.wait()
    guard let answer else { throw ResolutionError(EAI_NONAME, host: host) }
    return answer
  }
  override func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError) {
    hasAnswered.signal()
  }
}

/// The wait before the wait: from a name to an address.
@Suite struct Resolving {
  /// A loop whose resolver is slow, and a turn in which the answer is there.
  private final class Stage {
    let kernel: ScriptedKernel
    let resolver: SlowResolver
    let selector: ScriptedSelector
    let loop: EventLoop
    var reports: [String] = []
    init(_ script: ScriptedKernel.Line...) throws {
      kernel = ScriptedKernel(script)
      kernel.fail = { Issue.record("\($0)") }
      resolver = SlowResolver(to: kernel)
      selector = ScriptedSelector(kernel)
      loop = try EventLoop(kernel: resolver, selector: selector)
      loop.setExceptionHandler { [unowned self] in reports.append($1.message) }
      selector.failWhenOver(loop)
    }
    func socket(_ family: AddressFamily = .ipv4) -> Socket {
      Socket(owning: 5, family, isBlocking: false, kernel: kernel)
    }
    func answer() {
      resolver.mayAnswer.signal()
      resolver.hasAnswered.wait()
      selector.report([ScriptedKernel.selfPipe: .read])
      loop.runOnce()
    }
    var ready: [String] { loop.ready.elements.map(\.name.label) }
  }

  @Test func `C2 the clean-up runs before the task goes on`() async throws {
    try await inThread {
      let place = try SocketAddress("192.0.2.7", port: 9006)
      let stage = try Stage(
        (.connect(fd: 5, place), .error(EINPROGRESS)),
        (.getsockopt(fd: 5, .error), .number(0)),
        (.send(fd: 5, count: 3), .number(1)),
        (.send(fd: 5, count: 2), .number(2)))
      let loop = stage.loop
      let socket = stage.socket()
      stage.resolver.answer = [AddressInfo(.stream, place)]
      var wasClean = false
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: "greeter.test", port: 9006)
        wasClean = loop.handlers(of: 5) == nil
        try await loop.sockSendall(socket, [1, 2, 3])
      }
      // While the name is looked up there is nothing to register, and no connect.
      loop.runOnce()
      #expect(stage.ready == [] && loop.handlers(of: 5) == nil)

      // The answer: mail, which settles the look-up; then the task connects.
      stage.answer()
      while !stage.ready.isEmpty { loop.runOnce() }
      let future = try #require(loop.handlers(of: 5)?.writer?.waiter)
      #expect(
        future.doneCallbacks.map(\.label) == ["sockWriteDone", "wake-up of Task-1"])

      // Connected. In 2016 the wake-up came first here: the task sent, registered
      // its writer, and the clean-up of the connect took that one away.
      stage.selector.report([5: .write])
      loop.runOnce()
      #expect(stage.ready == ["sockWriteDone", "wake-up of Task-1"])
      loop.runOnce()
      #expect(wasClean)
      #expect(loop.handlers(of: 5)?.writer?.name.label == "sockSendallStep")
      stage.selector.report([:], [5: .write])
      loop.runOnce()
      #expect(loop.handlers(of: 5)?.writer != nil)
      while !task.done() { loop.runOnce() }
      #expect(throws: Never.self) { try task.result() }
      #expect(stage.reports == [] && stage.kernel.missing == [])
      try loop.close()
    }
  }

  @Test(arguments: [AddressFamily.ipv4, .ipv6])
  func `SOCK-08 the resolver is asked for the socket's kind, the first result is used`(
    family: AddressFamily
  ) async throws {
    try await inThread {
      let hosts = family == .ipv4 ? ["192.0.2.1", "192.0.2.2"] : ["::7", "::8"]
      let places = try hosts.map { try SocketAddress($0, port: 80) }
      let stage = try Stage((.connect(fd: 5, places[0]), .done))
      let loop = stage.loop
      let socket = stage.socket(family)
      stage.resolver.answer = places.map { AddressInfo(.stream, $0) }
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: "two.test", port: 80)
      }
      loop.runOnce()
      stage.answer()
      while !task.done() { loop.runOnce() }
      #expect(throws: Never.self) { try task.result() }
      #expect(
        stage.resolver.questions == [
          .init(host: "two.test", port: 80, family: family, type: .stream)
        ])
      #expect(stage.kernel.missing == [])
      try loop.close()
    }
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func `an address in digits never asks the resolver`(host: String) throws {
    let place = try SocketAddress(host, port: 80)
    let stage = try Stage((.connect(fd: 5, place), .done))
    let loop = stage.loop
    let socket = stage.socket(place.family)
    let task = try loop.createTask {
      try await loop.sockConnect(socket, host: host, port: 80)
    }
    loop.runOnce()
    #expect(throws: Never.self) { try task.result() }
    #expect(stage.resolver.questions == [])
    try loop.close()
  }

  @Test(arguments: [(AddressFamily.ipv4, "::1"), (.ipv6, "127.0.0.1")])
  func `an address of another family than the socket's is the resolver's to refuse`(
    family: AddressFamily, host: String
  ) async throws {
    try await inThread {
      // No connect in the script: it could not work.
      let stage = try Stage()
      let loop = stage.loop
      let socket = stage.socket(family)
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: host, port: 80)
      }
      loop.runOnce()
      // Who has not asked gets no answer, and is not to be waited for.
      try #require(!task.done())
      stage.answer()
      while !task.done() { loop.runOnce() }
      #expect(throws: ResolutionError.self) { try task.result() }
      #expect(
        stage.resolver.questions == [
          .init(host: host, port: 80, family: family, type: .stream)
        ])
      try loop.close()
    }
  }

  @Test(.enabled(if: isLinux))
  func `the C library says what is wrong with an address of another family`() throws {
    try inTime { loop in
      let socket = try tcpSocket()
      // EAI_ADDRFAMILY: the number that CPython's gaierror has, too.
      await #expect(throws: ResolutionError(-9, host: "::1")) {
        try await loop.sockConnect(socket, host: "::1", port: 80)
      }
    }
  }

  @Test(arguments: ["localhost\0.evil.example", "\0", "127.0.0.1\0"])
  func `a host with a zero byte never gets as far as the resolver`(host: String) throws
  {
    let stage = try Stage()
    let loop = stage.loop
    let socket = stage.socket()
    let tasks = [
      try loop.createTask { try await loop.sockConnect(socket, host: host, port: 80) },
      try loop.createTask { _ = try await loop.getaddrinfo(host, port: 80) },
    ]
    loop.runOnce()
    for task in tasks { #expect(throws: ValueError.self) { try task.result() } }
    #expect(stage.resolver.questions == [])
    try loop.close()
  }

  @Test func `a Unix address has nothing to resolve`() throws {
    let place = try SocketAddress(path: "/run/chat.sock")
    let stage = try Stage((.connect(fd: 5, place), .done))
    let loop = stage.loop
    let socket = stage.socket(.unix)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    #expect(throws: Never.self) { try task.result() }
    #expect(stage.resolver.questions == [])
    try loop.close()
  }

  @Test func `a name that nobody knows leaves nothing registered and nothing asked`()
    async throws
  {
    try await inThread {
      let stage = try Stage()
      let loop = stage.loop
      let socket = stage.socket()
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: "nowhere.invalid", port: 80)
      }
      loop.runOnce()
      stage.answer()
      while !task.done() { loop.runOnce() }
      #expect(throws: ResolutionError(EAI_NONAME, host: "nowhere.invalid")) {
        try task.result()
      }
      #expect(loop.selector.keys.count == 1)
      #expect(stage.reports == [])
      try loop.close()
    }
  }

  @Test func `cancelled while the name is looked up: the answer is thrown away`()
    async throws
  {
    try await inThread {
      // No connect in the script: none must come, however late the answer.
      let stage = try Stage()
      let loop = stage.loop
      let socket = stage.socket()
      stage.resolver.answer = [
        AddressInfo(.stream, try SocketAddress("192.0.2.1", port: 80))
      ]
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: "slow.test", port: 80)
      }
      loop.runOnce()
      stage.resolver.wasAsked.wait()
      task.cancel()
      #expect(stage.ready == ["withdraw the work", "wake-up of Task-1"])
      loop.runOnce()
      #expect(task.cancelled())
      stage.answer()
      while !stage.ready.isEmpty { loop.runOnce() }
      #expect(loop.selector.keys.count == 1)
      #expect(stage.reports == [])
      try loop.close()
    }
  }

  @Test func `LOOP-30 the loop is closed while the name is looked up`() async throws {
    try await inThread {
      let stage = try Stage()
      let loop = stage.loop
      let socket = stage.socket()
      let task = try loop.createTask {
        try await loop.sockConnect(socket, host: "slow.test", port: 80)
      }
      loop.runOnce()
      try loop.close()
      #expect(task.cancelled())
      // The answer finds the inbox closed, and nobody hears of it.
      stage.resolver.mayAnswer.signal()
      #expect(stage.reports == [])
    }
  }
}
