// The machine as data, for the screen, the tables and the sentences. It holds numbers
// and names and never an object of the loop's, so a moment that is over can still be
// looked at.

package import EventLoops
package import Sockets

/// The whole machine at one moment, as far as the steps tell.
///
/// Nobody looks into the loop for this. It is folded from the steps alone, one
/// `apply` after the other, and a test checks after every single one that the
/// loop would say the same of itself.
package struct LoopState: Sendable, Equatable {
  /// Turns of the loop so far; 0 before the first.
  package internal(set) var iteration = 0
  /// What the loop is doing.
  package internal(set) var phase = Phase.outside
  /// The callbacks whose turn it is, the next one first.
  package internal(set) var ready: [Queued] = []
  /// The numbers of the handles that are called off.
  package internal(set) var cancelled: Set<Int> = []
  /// The selector's list, in the order in which the descriptors came on it.
  package internal(set) var registrations: [Registration] = []
  /// The callbacks whose time has not come, the next one first.
  package internal(set) var timers: [Timer] = []
  /// All futures that were made and are not tasks, settled ones too.
  package internal(set) var futures: [FutureState] = []
  /// All tasks, finished ones too.
  package internal(set) var tasks: [TaskState] = []
  /// All transports that were made, lost ones too.
  package internal(set) var transports: [TransportState] = []
  /// All stream readers that were made.
  package internal(set) var readers: [ReaderState] = []
  /// What the kernel keeps for us: everything that is open.
  package internal(set) var sockets: [SocketState] = []
  /// What the programs have printed, a line each.
  package internal(set) var transcript: [String] = []
  /// What the descriptors are called.
  package internal(set) var names: [Int32: String] = [:]
  /// The loop will not begin another turn.
  package internal(set) var isStopping = false
  /// What the kernel took of a descriptor's bytes since its transport last told
  /// something. A buffer that has shrunk by more has lost the rest.
  package internal(set) var taken: [Int32: Int] = [:]
  /// Something happened since the callback that runs was called.
  package internal(set) var hasActed = true
  /// How many handles were ever queued; numbers the places in the queue.
  var queuedCount = 0

  /// The machine before anything has happened.
  package init() {}

  /// Lets go of what is over and will not be mentioned again, for a loop that runs for
  /// days. (A story is better with it: one sees what has become of everything.)
  package mutating func forgetWhatIsOver() {
    let mentioned = Set(
      futures.flatMap(\.callbacks).map(\.id) + ready.map(\.handle.id)
        + timers.map(\.handle.id))
    futures.removeAll { $0.outcome != nil }
    tasks.removeAll { $0.activity == .finished && $0.future.outcome != nil }
    transports.removeAll(where: \.isLost)
    readers.removeAll { reader in reader.isAtEnd && reader.waiter == nil }
    cancelled.formIntersection(mentioned)
  }

  /// What the loop is doing.
  package enum Phase: Sendable, Equatable {
    /// It does not run, or has not begun to.
    case outside
    /// It asks the selector, for so many seconds at the most.
    case selecting(timeout: Double?)
    /// It has the selector's answer, or is between two callbacks.
    case betweenCallbacks
    /// It is inside this handle's callback.
    case running(Name)
  }

  /// A place in the ready queue. The same handle may have two of them.
  package struct Queued: Sendable, Equatable {
    /// Who stands there.
    package let handle: Name
    /// Which place it is; no two have the same.
    package let ticket: Int
  }

  /// A timer in the schedule.
  package struct Timer: Sendable, Equatable {
    /// Its handle.
    package let handle: Name
    /// When it is due, in seconds from the beginning of the recording.
    package let when: Double
  }

  /// A future that is not a task.
  package struct FutureState: Sendable, Equatable {
    /// Which one.
    package let name: Name
    /// How it ended; `nil` while it is pending.
    package internal(set) var outcome: LoopEvent.Outcome?
    /// What will be queued when it settles.
    package internal(set) var callbacks: [Name] = []
  }

  /// A task: a future, and code that will settle it.
  package struct TaskState: Sendable, Equatable {
    /// The future's side of it.
    package internal(set) var future: FutureState
    /// The code's side of it.
    package internal(set) var activity = Activity.queued
    /// Somebody asked it to stop.
    package internal(set) var isCancelRequested = false
    /// The handle that will wake it, on the list of the future that it waits for.
    var wakeup: Name?

    /// What the task's code is doing.
    package enum Activity: Sendable, Equatable {
      /// It waits for its turn: its step is, or is just being, queued.
      case queued
      /// It is what the processor executes now.
      case running
      /// It waits for this future.
      case waiting(for: Name)
      /// It waits for something that is not the loop's.
      case away
      /// It has returned, or thrown.
      case finished
    }
  }

  /// A descriptor, from the kernel's side.
  package struct SocketState: Sendable, Equatable {
    /// The recording's number for it.
    package let descriptor: Int32
    /// What it is at the moment.
    package internal(set) var condition: Condition
    /// Calls on it answer EAGAIN instead of waiting.
    package internal(set) var isNonBlocking: Bool
    /// The bits that an epoll instance watches it for; `nil` if none does.
    package internal(set) var watched: UInt32?
    /// What it keeps for us.
    package internal(set) var facts = KernelFacts()

    /// What a descriptor is.
    package enum Condition: Sendable, Equatable {
      /// A socket without an address.
      case new
      /// A socket with an address of its own.
      case bound(SocketAddress)
      /// A listener: clients may queue up, so many of them.
      case listening(SocketAddress?, backlog: Int32)
      /// A connection that is being made.
      case connecting(SocketAddress)
      /// A connection.
      case connected(SocketAddress)
      /// A connection that somebody else has made.
      case adopted
      /// A connection whose other end has finished sending.
      case halfClosed(SocketAddress?)
      /// No socket but an epoll instance, or a kernel queue.
      case epoll
      /// What wakes the loop: a counter, or one end of a pair of sockets.
      case counter
    }
  }
}
