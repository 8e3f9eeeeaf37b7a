import EventLoops
import Recording
import Simulation

/// Where in a replay something happened.
extension Played {
  /// The places of the steps in which this happened.
  func places(_ matches: (LoopEvent) -> Bool) -> [Int] {
    steps.indices.filter {
      if case .loop(let event) = steps[$0].event { matches(event) } else { false }
    }
  }

  /// The places of the calls of protocols.
  func told(_ prefix: String) -> [Int] {
    places {
      if case .protocolCalled(_, let call) = $0 {
        call.hasPrefix(prefix)
      } else {
        false
      }
    }
  }

  /// The label of the handle that was running at a place.
  func runner(at place: Int) -> String? {
    for step in steps[...place].reversed() {
      if case .loop(.handleRun(let name)) = step.event { return name.label }
    }
    return nil
  }

  /// The places at which a task or a future was settled.
  func settles(_ label: String, _ matches: (LoopEvent.Outcome) -> Bool) -> [Int] {
    places {
      if case .futureSettled(let name, let outcome) = $0 {
        name.label == label && matches(outcome)
      } else {
        false
      }
    }
  }

  /// The places of the notes that begin so.
  func notes(_ prefix: String) -> [Int] {
    steps.indices.filter {
      if case .note(let text) = steps[$0].event {
        text.hasPrefix(prefix)
      } else {
        false
      }
    }
  }

  /// The places of system calls on a descriptor of this name, or of any.
  func calls(on name: String? = nil, _ matches: (SystemCall) -> Bool) -> [Int] {
    steps.indices.filter {
      guard case .call(let call, _) = steps[$0].event, matches(call) else {
        return false
      }
      return name == nil || call.descriptor.map(steps[$0].name) == name
    }
  }

  /// How much was offered in each `send` and `sendmsg`.
  var offers: [[Int]] {
    steps.compactMap {
      switch $0.event {
      case .call(.send(_, let count), _): [count]
      case .call(.sendmsg(_, let counts), _): counts
      default: nil
      }
    }
  }

  /// How much was taken, in all.
  var taken: Int {
    steps.reduce(0) { sum, step in
      switch step.event {
      case .call(.send, .number(let count)), .call(.sendmsg, .number(let count)):
        sum + count
      default: sum
      }
    }
  }

  /// The places at which the selector began or ceased to watch this descriptor.
  func watches(_ name: String) -> (begin: [Int], end: [Int]) {
    func places(_ isBegin: Bool) -> [Int] {
      steps.indices.filter {
        switch steps[$0].event {
        case .loop(.registered(let new)): isBegin && steps[$0].name(new.fd) == name
        case .loop(.unregistered(let fd)): !isBegin && steps[$0].name(fd) == name
        default: false
        }
      }
    }
    return (places(true), places(false))
  }

  /// The greatest number of bytes that a transport had in its buffer.
  var fullest: Int {
    steps.reduce(0) {
      if case .loop(.transportChanged(let new)) = $1.event {
        max($0, new.bufferSize)
      } else {
        $0
      }
    }
  }
}

extension SystemCall {
  /// The descriptor that is closed or asked.
  fileprivate var descriptor: Int32? {
    switch self {
    case .close(let fd), .getsockname(let fd), .accept(let fd): fd
    default: nil
    }
  }
}
