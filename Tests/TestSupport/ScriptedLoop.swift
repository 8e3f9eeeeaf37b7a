package import EventLoops
import Selectors
package import Simulation
package import Sockets
import Testing
import Transports

/// A loop whose kernel, selector and clock follow a script, for one replay.
package final class ScriptedLoop {
  package let kernel: ScriptedKernel
  package let selector: ScriptedSelector
  package let loop: EventLoop
  /// What the loop's exception handler was told.
  package private(set) var reports: [ExceptionContext] = []

  package init(debug: Bool = false, _ script: ScriptedKernel.Line...) throws {
    kernel = ScriptedKernel(script)
    kernel.fail = { Issue.record("\($0)") }
    selector = ScriptedSelector(kernel)
    loop = try EventLoop(kernel: kernel, selector: selector, debug: debug)
    loop.setExceptionHandler { [unowned self] _, context in reports.append(context) }
    selector.failWhenOver(loop)
  }

  deinit {
    if !kernel.missing.isEmpty { Issue.record("not called: \(kernel.missing)") }
  }

  /// A non-blocking socket with this number.
  package func socket(_ fd: Int32) -> Socket {
    Socket(owning: fd, .ipv4, isBlocking: false, kernel: kernel)
  }

  /// The labels in the ready queue, from front to back.
  package var ready: [String] { loop.ready.elements.map(\.name.label) }

  /// Turns, until nothing is queued.
  package func settle() {
    while !loop.ready.isEmpty { loop.runOnce() }
  }
}

extension ScriptedSelector {
  /// A program that sleeps after the end of the script has failed its test, and must
  /// not take the other tests along: the loop is stopped, and tasks that wait for what
  /// never comes are cancelled.
  package func failWhenOver(_ loop: EventLoop) {
    whenOver = { [unowned loop] in
      Issue.record("the script is over, and the program sleeps without limit")
      loop.stop()
      for task in loop.allTasks() { task.cancel() }
    }
  }
}

extension EventLoop {
  /// The transports among the owners of descriptors.
  package var transports: [Int32: any DescriptorOwner] {
    owners.filter { $0.value is SocketTransport }
  }
}

extension Handle {
  /// The future of the operation whose handle this is.
  package var waiter: AnyFuture? { owner as? AnyFuture }
}
