// A loop that runs while one looks at it. It knows threads, so that neither the loop
// nor the screen has to.

import CLibrary
import EventLoops
package import Recording
package import Scenarios
import Screen

/// A loop in a thread of its own that does a step whenever the reader wants one.
///
/// The recorder calls `pause` after each step, in the loop's thread, and there the
/// loop stands still until the reader presses a key. Or it does not get that far,
/// because it waits in `epoll_wait` for a client; that is why it has a thread of its
/// own, and the keys keep working.
///
/// Everything that both threads touch is behind the lock. (A pthread lock, because
/// the thread sanitizer does not understand `Synchronization.Mutex` yet.)
package final class LiveLoop: @unchecked Sendable {
  private let run: @Sendable (Recorder) throws -> Void
  private let advice: String
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Something behind the lock is another than it was.
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  // Behind the lock.
  private var steps: [Step] = []
  private var reported = 0
  /// How many steps the loop may do before it has to stand still.
  private var allowed = 1
  /// The loop may go on until it asks the selector again.
  private var isGoingToNextIteration = false
  /// The loop has said that it will ask the selector and wait for the answer, and has
  /// not told it.
  private var isSleeping = false
  private var outcome: Result<Void, any Error>?
  private var clients: Clients
  /// What clients did and what they noticed, as far as it is not written down.
  private var (done, noticed) = ([Clients.Note](), [Clients.Note]())
  /// The steps from this one on are nothing but what clients noticed.
  private var endOfWork = 0

  // In the loop's thread only.
  private let recorder = Recorder()
  private var isTakingNote = false

  /// - Parameters:
  ///   - scenario: what to run.
  ///   - port: where it listens.
  package convenience init(_ scenario: LiveScenario, port: UInt16) {
    self.init(advice: "C connects a client, or run `nc 127.0.0.1 \(port)`", port: port)
    {
      try scenario.run($0, port)
    }
  }

  /// - Parameters:
  ///   - advice: what the reader may do while the loop waits.
  ///   - port: where clients of the reader's find it, if it listens.
  ///   - run: runs a loop that this recorder observes.
  package init(
    advice: String, port: UInt16 = 0,
    _ run: @escaping @Sendable (Recorder) throws -> Void
  ) {
    self.run = run
    self.advice = advice
    clients = Clients(port: port)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, nil)
  }

  /// Starts the thread. It ends with the program: nobody can wake a loop that
  /// waits for a client who never comes.
  func start() {
    // Signals are for the thread with the terminal; here they would only
    // interrupt `epoll_wait`.
    var ours = sigset_t()
    var before = sigset_t()
    for signal in Signals.caught { sigaddset(&ours, signal) }
    pthread_sigmask(SIG_BLOCK, &ours, &before)
    let (thread, error) = startThread { self.work() }
    guard let thread else { fatalError(String(cString: strerror(error))) }
    pthread_detach(thread)
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  // MARK: In the loop's thread

  private func work() {
    recorder.beforeStep = { [unowned self] in
      // A client did it, and that is why the loop woke up: so it comes first.
      if !isTakingNote { locked { takeNotes(&done) } }
    }
    recorder.onStep = { [unowned self] in pause(after: $0) }
    let outcome = Result { try recorder.play(run) }
    locked {
      self.outcome = outcome
      pthread_cond_broadcast(change)
    }
    Signals.ring()
  }

  private func pause(after step: Step) {
    if isTakingNote {
      steps.append(step)
      return
    }
    locked {
      steps.append(step)
      endOfWork = steps.count
      isSleeping = false
      if case .loop(.selectEntered(let timeout)) = step.event {
        isSleeping = timeout != 0
        isGoingToNextIteration = false
      }
      tell()
      while true {
        let isNews = !done.isEmpty || !noticed.isEmpty
        if !done.isEmpty {
          takeNotes(&done)
          endOfWork = steps.count
        }
        // A client noticed it, and so it had happened before.
        takeNotes(&noticed)
        if isNews { tell() }
        if !isStanding { break }
        pthread_cond_wait(change, lock)
      }
    }
  }

  /// Tells the reader's thread. On its way to the next turn the loop does not stop for
  /// every picture.
  private func tell() {
    if !isStanding && !isSleeping { return }
    pthread_cond_broadcast(change)
    Signals.ring()
  }

  /// Writes down what clients did. Each is a step too, but the loop takes no pause.
  private func takeNotes(_ notes: inout [Clients.Note]) {
    isTakingNote = true
    for note in notes { recorder.note(note.text, file: note.file, line: note.line) }
    notes = []
    isTakingNote = false
  }

  // MARK: In the reader's thread

  private var isStanding: Bool { !isGoingToNextIteration && steps.count >= allowed }

  /// Lets the loop do its next step, or all steps up to its next iteration.
  func advance(toIteration: Bool) {
    locked {
      // A second key while the loop is still busy with the first one's step asks
      // for nothing new.
      if !isStanding { return }
      isGoingToNextIteration = toIteration
      allowed = steps.count + 1
      pthread_cond_broadcast(change)
    }
  }

  /// Lets a client do something, and says what came of it.
  func perform(_ act: ClientAct, in browser: inout Browser) {
    locked {
      // Never between two steps: the recording could not tell which was first.
      while outcome == nil && !isStanding && !isSleeping {
        pthread_cond_wait(change, lock)
      }
      do throws(Clients.Refusal) {
        guard let note = try clients.perform(act) else { return }
        done.append(note)
        pthread_cond_broadcast(change)
        // A loop that stands writes it down at once, and it is the next step.
        if !isStanding || outcome != nil { browser.hint = note.text }
      } catch {
        browser.hint = error.text
      }
    }
  }

  /// Where something may come from for the clients.
  var descriptors: [Int32] { locked { clients.descriptors } }

  /// Lets the client look what has come.
  func read(_ descriptor: Int32, in browser: inout Browser) {
    locked {
      guard let note = clients.read(descriptor) else { return }
      noticed.append(note)
      pthread_cond_broadcast(change)
      if !isStanding || outcome != nil { browser.hint = note.text }
    }
  }

  /// Tells the browser what has happened since the last report.
  func report(to browser: inout Browser) {
    locked {
      for place in reported..<steps.count {
        // What a client notices while the loop stands is not what the reader's last
        // key asked for. They look at that, and this comes next.
        let isFollowed = place < endOfWork || !isStanding
        browser.append(steps[place], isFollowed: isFollowed)
      }
      reported = steps.count
      browser.clients = clients.numbers
      browser.client = clients.chosen
      browser.liveStatus = status
    }
  }

  /// Nothing will happen in its thread any more.
  package var hasEnded: Bool { locked { outcome != nil } }

  private var status: String? {
    switch outcome {
    case .success: return "the loop has ended; ← goes back, q quits"
    case .failure(let error): return "the loop has ended: \(error)"
    case nil: break
    }
    // The reader has asked for a step, and the loop has not delivered it.
    if isStanding || !isSleeping { return nil }
    return clients.chosen.map {
      "waiting in epoll_wait; client \($0): W writes, E ends, R resets; "
        + "C connects another"
    } ?? "waiting in epoll_wait: \(advice)"
  }

  private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body()
  }
}
