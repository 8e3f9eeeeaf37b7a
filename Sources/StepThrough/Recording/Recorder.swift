// Recording, the ground floor of the demo: what a loop does, written down. It knows the
// library. It has no words for what it writes down; those are Telling's.

package import EventLoops
package import Simulation
package import Sockets

/// Writes down what a loop does: the loop's events, which it hears as the loop's
/// observer, and the system calls, which a `RecordingKernel` tells it.
///
/// It belongs to the loop's thread, like the loop itself.
package final class Recorder: LoopObserver {
  /// What was written down so far.
  package private(set) var steps: [Step] = []
  /// How many there were before those.
  private var forgotten = 0
  /// Called after each step, before the loop goes on. While it does not return,
  /// the loop stands still: that is how `--live` pauses.
  package var onStep: ((Step) -> Void)?
  /// Called before a step is written down.
  package var beforeStep: (() -> Void)?

  /// The loop that is recorded. The recording never looks into it; a test does, to
  /// compare the two.
  package weak var loop: EventLoop?
  /// The handle or future that the last event of the loop happened to; for the same
  /// test, and weak, because the recording must not keep anything alive.
  package private(set) weak var subject: AnyObject?

  /// The zero of the recording's clock. The loop's own zero means nothing and is
  /// another one after every reboot, so times are written down relative to this.
  package internal(set) var origin = 0.0

  // The names of descriptors, and how they get them.
  private var numbers: [Int32: Int32] = [:]
  package private(set) var names: [Int32: String] = [:]
  private var namesToCome: [String] = []
  private var counts: [String: Int] = [:]

  /// What the kernel keeps for a descriptor (the kernel's number); whoever stands at its
  /// door knows whom to ask.
  var kernelFacts: ((Int32) -> KernelFacts?)?
  private var openNumbers: Set<Int32> = []
  private var lastFacts: [Int32: KernelFacts] = [:]
  private var handleLabels: [Int: String] = [:]
  private var labelCounts: [String: Int] = [:]

  /// What the world does when the loop has nothing left to do.
  private var acts: [() throws -> Void] = []
  /// The steps with which an act of the world began.
  package private(set) var actSteps: [Int] = []
  /// What to do when the loop is about to wait without limit and nothing is left that
  /// could wake it.
  package var whenStuck: (() -> Void)?
  /// How long the loop may sleep before that counts as stuck, in milliseconds; `nil` if
  /// somebody may come at any time. Over TCP, what is on its way arrives a moment later.
  package var patience: Int32?
  /// What it is where nobody may come: a scenario's stage takes it from here.
  package var longestPatience: Int32 = 2000
  /// Who stands between the kernel of a scenario and us, if somebody does.
  package var between: (any Kernel) -> any Kernel = { $0 }
  /// Why the scenario cannot go on.
  package internal(set) var failure: (any Error)?
  /// The loop belongs to a scenario, and neither to a program of the reader's nor to who
  /// serves somebody.
  private var isPlayed: Bool { patience != nil }
  private var partBegin = 0
  private var isDeaf = false

  /// A recorder with an empty page.
  package init() {}

  // MARK: Writing down

  package func observe(_ event: LoopEvent, _ subject: AnyObject?, at site: CallSite) {
    self.subject = subject
    append(.loop(event.renumbered(renumbering)), site)
  }

  /// A loop that is played before nobody's eyes says what it has to say in its story: the
  /// terminal belongs to who reads it.
  package func hear(_ warning: String) {
    guard isPlayed || isForked else { return writeError(warning) }
    note(
      "standard error hears: \(warning.split(separator: "\n").joined(separator: " "))")
  }

  /// Writes down a system call, after it was made.
  func called(_ call: SystemCall, _ answer: SystemAnswer, at site: CallSite) {
    if case .close(let number) = call { openNumbers.remove(number) }
    append(.call(call, answer), site)
  }

  /// Writes down what somebody outside the loop did.
  ///
  /// - Parameter text: a sentence without its full stop, "a client connects".
  package func note(_ text: String, file: StaticString = #fileID, line: UInt = #line) {
    append(.note(text), CallSite(file, line))
  }

  /// Writes down what a program printed.
  package func printed(
    _ who: String, _ text: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    append(.printed(who, text), CallSite(file, line))
  }

  /// Writes down that from here on this is another course.
  package func fork(_ text: String, at site: CallSite) { append(.fork(text), site) }

  /// Whether this is another course.
  package var isForked: Bool { steps.contains(where: \.event.isFork) }

  /// Begins a new part, with a loop of its own and new names.
  ///
  /// - Parameter title: what it shows.
  package func beginPart(
    _ title: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    (loop, origin, acts, whenStuck, patience) = (nil, 0, [], nil, nil)
    (numbers, names, namesToCome, counts) = ([:], [:], [], [:])
    (openNumbers, lastFacts) = ([], [:])
    (handleLabels, labelCounts) = ([:], [:])
    partBegin = steps.count
    isDeaf = false
    append(.part(title), CallSite(file, line))
  }

  /// What happened in this part.
  var part: ArraySlice<Step> { steps[partBegin...] }

  /// The system calls of this part, with their answers.
  package var calls: [(call: SystemCall, answer: SystemAnswer)] {
    part.compactMap { step in
      if case .call(let call, let answer) = step.event { (call, answer) } else { nil }
    }
  }

  /// In which turns of this part a call was made that got this answer.
  package func turns(
    of matches: (SystemCall, SystemAnswer) -> Bool
  ) -> [Int] {
    var turn = 0
    var turns: [Int] = []
    for step in part {
      switch step.event {
      case .loop(.selectEntered): turn += 1
      case .call(let call, let answer) where matches(call, answer): turns.append(turn)
      default: break
      }
    }
    return turns
  }

  /// All is told: what comes now, up to the next part, is not written down.
  package func endPart() { isDeaf = true }

  /// Writes down a last sentence, after the last part.
  package func conclude(_ text: String, at site: CallSite) {
    isDeaf = false
    append(.note(text), site)
  }

  /// The only way into the list: whatever becomes a step has gone through here, with
  /// the names that hold at this moment.
  private func append(_ event: StepEvent, _ site: CallSite) {
    if isDeaf { return }
    beforeStep?()
    let step = Step(
      number: forgotten + steps.count + 1, event: event, file: "\(site.file)",
      line: Int(site.line),
      names: names, facts: news(of: event))
    steps.append(step)
    onStep?(step)
  }

  /// Lets go of the oldest steps, for a loop that runs for days.
  ///
  /// - Parameter count: how many steps stay.
  /// - Returns: the others; whoever wants the machine as it is has to fold them first.
  package func forget(keeping count: Int) -> [Step] {
    let old = steps.dropLast(count)
    steps.removeFirst(old.count)
    forgotten += old.count
    return Array(old)
  }

  /// What the kernel keeps for the sockets, where that is another thing than before. What
  /// the loop does by itself changes nothing there.
  private func news(of event: StepEvent) -> [Int32: KernelFacts] {
    switch event {
    case .call, .note: break
    case .loop, .printed, .part: return [:]
    }
    guard let facts = kernelFacts else { return [:] }
    var news: [Int32: KernelFacts] = [:]
    for (descriptor, number) in numbers where openNumbers.contains(number) {
      if let new = facts(descriptor), new != lastFacts[number, default: KernelFacts()] {
        (lastFacts[number], news[number]) = (new, new)
      }
    }
    return news
  }

  // MARK: The world

  /// Leaves something for the moment when the loop is about to sleep.
  ///
  /// A client that connects from another thread would come sometimes before the
  /// loop's question to the kernel and sometimes after it. Done here, it comes
  /// always at the same place, and the kernel is still a real one. Each time the
  /// loop is about to wait, the next act is taken.
  ///
  /// It is also the moment at which one would have expected it: a loop that is about
  /// to sleep has done all that it can do by itself, so what comes next can only come
  /// from outside. That the act is done in the loop's own thread, between its question
  /// and the kernel's answer, is not to be noticed in there: it looks as if somebody
  /// else had been a moment faster.
  package func whenIdle(_ act: @escaping () throws -> Void) { acts.append(act) }

  /// What has not been done by now is not done any more. (It would hold its stage, and
  /// the stage holds us.)
  package func forgetActs() { acts = [] }

  /// Whether something is left for the world to do.
  package var hasActs: Bool { !acts.isEmpty }

  /// The world does the next thing.
  ///
  /// - Returns: false if it is too early for it.
  @discardableResult
  package func act() -> Bool {
    if acts.isEmpty { return false }
    let act = acts.removeFirst()
    let count = steps.count
    defer { if steps.count > count { actSteps.append(steps[count].number) } }
    do { try act() } catch let error as SystemError where error.wouldBlock {
      acts.insert(act, at: 0)  // what the peer waits for has not come: it looks again
      return false
    } catch {
      // In a course that nobody foresaw, that need not be the end.
      if isForked {
        note("the world cannot do what it would do next: \(error)")
      } else {
        fail(error)
      }
    }
    return true
  }

  /// The loop is about to wait, not only to look.
  ///
  /// - Parameter isForEver: whether it would wait without limit, and for nothing, after
  ///   so many milliseconds.
  func idle(isForEver: (Int32) -> Bool) {
    act()
    if let whenStuck {
      if acts.isEmpty, isForEver(0) { whenStuck() }
    } else if failure == nil, let patience, isForEver(patience) {
      stuck()
    }
  }

  // MARK: Names for descriptors

  /// The next descriptor that is opened will have this name. Several queue up.
  package func nameNext(_ name: String) { namesToCome.append(name) }

  /// Gives a descriptor another name, from here on.
  package func name(_ descriptor: Int32, _ name: String) {
    names[number(of: descriptor)] = name
  }

  /// The recording's number for a descriptor.
  ///
  /// It stays the same after a close, until the kernel gives the descriptor out
  /// again: whoever mentions a closed one still means the old one.
  package func number(of descriptor: Int32) -> Int32 {
    if let number = numbers[descriptor] { return number }
    return opened(descriptor, "descriptor", isCounted: true)
  }

  /// A descriptor was given out: from now on it has a number of its own, a name
  /// that was ordered for it, or else one that says what it is.
  @discardableResult
  func opened(_ descriptor: Int32, _ kind: String, isCounted: Bool) -> Int32 {
    let number = Int32(names.count + 1)
    numbers[descriptor] = number
    openNumbers.insert(number)
    if isCounted, !namesToCome.isEmpty {
      names[number] = namesToCome.removeFirst()
      return number
    }
    counts[kind, default: 0] += 1
    let count = counts[kind]!
    names[number] = isCounted || count > 1 ? "\(kind) \(count)" : kind
    return number
  }

  /// What was opened and not closed.
  package var openDescriptors: [String] { openNumbers.map { names[$0]! } }

  // MARK: Names for handles

  /// Made anew for each event: the clock's zero is another one in the next part.
  private var renumbering: Renumbering {
    Renumbering(descriptor: number(of:), handle: distinct) { [origin] in $0 - origin }
  }

  /// A name that no other handle has: the second `sockReadDone` is `sockReadDone 2`.
  ///
  /// To the loop a handle's label is only a label. Here two handles with one label
  /// would be one and the same to the reader, just where the story is about which of
  /// the two it is.
  private func distinct(_ handle: Name) -> Name {
    if let label = handleLabels[handle.id] { return Name(handle.id, label) }
    labelCounts[handle.label, default: 0] += 1
    let count = labelCounts[handle.label]!
    let label = count == 1 ? handle.label : "\(handle.label) \(count)"
    handleLabels[handle.id] = label
    return Name(handle.id, label)
  }
}
