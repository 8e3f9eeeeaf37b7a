import EventLoops
import Recording

// The scenario of the chapter on the loop: nothing but time passes.

extension Scenario {
  static let timers = Scenario(
    "timers", "three timers and a task that sleeps: who is due when, and who is not",
    isScripted: true
  ) { recorder in
    // The clock is a script's as well: it moves when the loop waits, and only then.
    let stage = try Stage(recorder, [], selector: [])
    let loop = stage.loop
    let alarm = try loop.callLater(0.5, "alarm") { recorder.note("nobody hears this") }
    try loop.callLater(0.25, "callOff") { alarm.cancel() }
    try loop.callLater(0.25, "tick") { recorder.printed("program", "tick") }
    try stage.run(
      loop.createTask {
        try await loop.sleep(0.75)
        recorder.printed("program", "awake")
      })
  }
}
