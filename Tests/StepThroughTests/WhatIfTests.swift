import CLibrary
import Recording
import Scenarios
import Simulation
import Telling
import Testing

/// One answer otherwise: where it is, what becomes of it, and what cannot be.
@Suite struct WhatIfTests {
  private func sentences(
    _ name: String, _ specs: String...
  ) throws -> (sentences: [String], new: Course) {
    let scenario = try #require(Scenario.named(name))
    let new = try scenario.courses(whatIf: specs).new
    return (new.trace.tellings.map(\.sentence), new)
  }

  private func refusal(_ name: String, _ specs: String...) throws -> String {
    let scenario = try #require(Scenario.named(name))
    let refusal = #expect(throws: WhatIf.Refusal.self) {
      _ = try scenario.courses(whatIf: specs)
    }
    return try #require(refusal).description
  }

  @Test func `the courses are one until the fork, and it says what is otherwise`()
    throws
  {
    let scenario = try #require(Scenario.named("accept"))
    let (old, new, _) = try scenario.courses(whatIf: ["accept4(listener)#1=EINTR"])
    let fork = try #require(new.fork)
    #expect(
      new.trace.tellings[fork - 1].sentence
        == "What if: here the kernel answers EINTR instead of EAGAIN")
    func story(_ course: Course) -> [String] {
      course.trace.tellings.prefix(fork - 1).map {
        $0.sentence.replacing(/:\d+/, with: "")
      }
    }
    #expect(story(old) == story(new))
    guard case .call(.accept(_), .error(EINTR)) = new.trace.steps[fork].event else {
      Issue.record("\(new.trace.steps[fork].event)")
      return
    }
    // The loop treats it as EAGAIN, and so the end is the same.
    #expect(new.failure == nil)
    #expect(old.trace.steps.count + 1 == new.trace.steps.count)
  }

  @Test func `a step's number is as good as a name`() throws {
    let (byNumber, _) = try sentences("accept", "20=eintr")
    let (byName, _) = try sentences("accept", "Accept4(listener)=EINTR")
    #expect(byNumber.count == byName.count)
    #expect(byNumber[19] == byName[19])
  }

  @Test func `the next act of the world comes now`() throws {
    let (sentences, new) = try sentences("accept", "accept4(listener)=now")
    #expect(new.failure == nil)
    // No EAGAIN, and no wait.
    #expect(!sentences.contains { $0.contains("→ EAGAIN") })
    #expect(!sentences.contains { $0.contains("Task-1 suspends") })
  }

  @Test func `the act that may come now has a name`() throws {
    var named = 0
    for scenario in Scenario.all {
      let course = scenario.usualCourse()
      let sentences = course.trace.tellings.map(\.sentence)
      var acts: Set<String> = []
      for number in 1...sentences.count {
        for change in course.possible(at: number) where change.otherwise == .now {
          // What comes of itself only, and is told by no step, has none.
          if change.words == Otherwise.now.words { continue }
          acts.insert(change.words)
          // It is told later in the usual course, where it begins with a capital.
          let act = change.words.dropFirst("already: ".count + 1)
          #expect(
            change.words.hasPrefix("already: ")
              && sentences[(number - 1)...].contains { $0.dropFirst().hasPrefix(act) },
            "\(scenario.name), step \(number): \(change.words)")
        }
      }
      if scenario.name == "accept" {
        #expect(
          acts == [
            "already: a client connects; the kernel shakes hands with it by itself"
          ])
      }
      named += acts.count
    }
    #expect(named > 20)
  }

  @Test func `it comes now, and the answer is otherwise as well`() throws {
    let (sentences, new) = try sentences(
      "accept", "accept4(listener)=now", "accept4(listener)=EMFILE")
    #expect(sentences.count { $0.hasPrefix("What if:") } == 2)
    #expect("\(new.failure!)".contains("EMFILE"))
  }

  @Test func `a task is cancelled where it suspends`() throws {
    let (sentences, new) = try sentences("recv", "Task-1#1=cancel")
    #expect(sentences.contains("What if: here somebody cancels Task-1"))
    #expect(new.failure is CancellationError)
    #expect(new.openDescriptors == [])
  }

  @Test func `a connection that is reset stays dead`() throws {
    // Told to the receiver; and when the sender tries, it is told as well.
    let (sentences, _) = try sentences("chat", "recv(connection 1)#2=ECONNRESET")
    let reset = try #require(sentences.firstIndex { $0.contains("→ ECONNRESET") })
    #expect(sentences[reset...].contains { $0.contains("handler fails with recv") })
  }

  @Test func `a shortage that is asked for is not the end of the story`() throws {
    let (sentences, new) = try sentences(
      "transport-echo", "accept4(listener)#1=EMFILE")
    #expect(new.failure == nil)
    #expect(sentences.contains { $0.contains("→ EMFILE") })
    // On standard error it would come into the middle of the screen.
    #expect(sentences.contains { $0.contains("xception handler hears: accept()") })
    #expect(sentences.last!.contains("close"))
  }

  @Test func `a script that is over says so and invents nothing`() throws {
    let (_, new) = try sentences("accept-error", "accept4(listener)#1=EAGAIN")
    #expect("\(new.failure!)".contains("the script is over"))
  }

  @Test func `what cannot be is refused with what can`() throws {
    let text = try refusal("accept", "accept4(listener)#1=EPIPE")
    #expect(text.contains("Possible here: EINTR, ECONNABORTED, EMFILE"))
    #expect(text.hasSuffix("not 'EPIPE'"))
    #expect(!text.contains("EAGAIN,"))  // that is what it answered
    #expect(try refusal("accept", "accept4(listener)").contains("Possible here"))
    // Bytes that are there do not turn into an end of stream.
    #expect(try refusal("recv", "recv(socket)#2=end").contains("not 'end'"))
    #expect(try refusal("accept", "accept4(listener)#9=EINTR").hasSuffix("#1 to #2"))
    #expect(try refusal("accept", "accept(x)=EINTR").contains("accept4(listener)"))
    #expect(try refusal("accept", "999=EINTR").contains("1 to 64"))
    let twice = try refusal(
      "accept", "accept4(listener)=EINTR", "accept4(listener)=EMFILE")
    #expect(twice.contains("Nothing else can be here"))
  }

  @Test func `every answer that is offered has a word of its own`() throws {
    let course = try #require(Scenario.named("stream-echo")).course()
    var seen = 0
    for step in course.trace.steps {
      let words = course.possible(at: step.number).map(\.otherwise.description)
      #expect(Set(words).count == words.count)
      seen += words.count
    }
    #expect(seen > 100)
  }
}
