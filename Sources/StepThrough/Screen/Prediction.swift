// What next: before some steps are shown the reader says which one it is. It knows
// questions and keys; how a question is found is known below.

import Asking
import Recording
package import Telling

/// The questions of a run, and how far the reader is.
struct Prediction {
  /// By the number of the step that is hidden.
  let questions: [Int: Asking.Question]
  /// The steps that are not asked for any more.
  var over: Set<Int> = []
  /// What the reader has tried at each, wrong choices all of them.
  var tried: [Int: [Int]] = [:]
}

extension Browser {
  /// From here on the reader is asked, and stands before the first question.
  ///
  /// - Parameter tree: where the lines that decide are looked up.
  package mutating func startPredicting(_ tree: SourceTree) {
    if isLive {
      hint = "a running loop has no next step yet: questions are for recordings"
      return
    }
    let all = questions(about: trace, tree)
    let toCome = all.filter { $0.step > lastShown }
    let questions = (toCome.isEmpty ? all : toCome).selection
    if questions.isEmpty {
      hint = "no questions here: nothing that comes is certain"
      return
    }
    prediction = Prediction(
      questions: Dictionary(uniqueKeysWithValues: questions.map { ($0.step, $0) }))
    leaveGonePane()
    goToQuestion(atOrAfter: lastShown + 1)
  }

  /// The question that hides the next step, if one does.
  var question: Asking.Question? {
    guard let prediction, position > 0,
      let question = prediction.questions[lastShown + 1],
      !prediction.over.contains(question.step)
    else { return nil }
    return question
  }

  /// The keys that have to do with questions. None of those that step is an answer.
  ///
  /// - Returns: `nil` if this one means what it always means.
  mutating func pressToPredict(_ key: Key) -> Wish? {
    guard prediction != nil else {
      if key != .character("P") { return nil }
      startPredicting(tree)
      return .nothing
    }
    switch key {
    case .character("P"):
      (prediction, hint) = (nil, "no more questions")
      return .nothing
    case .character("n"):
      goToQuestion(atOrAfter: lastShown + (question == nil ? 1 : 2))
      return .nothing
    case .character("c"):
      hint = "CPython's steps would tell; P ends the questions"
      return .nothing
    default: break
    }
    guard let question else { return nil }
    switch key {
    case .character(let letter)
    where 1...question.choices.count ~= letter.wholeNumberValue ?? 0:
      choose(letter.wholeNumberValue! - 1, question)
    case .character("."): show(question, "so it is")
    case .tab, .backTab, .escape, .pageUp, .pageDown, .up, .left, .home: return nil
    case .down where focus != nil: return nil
    case .character(let letter) where "jkz?hqbygs".contains(letter): return nil
    default:
      hint =
        "first the question: 1 to \(question.choices.count) answer it, . shows what "
        + "comes, n goes to the next one"
    }
    return .nothing
  }

  private mutating func choose(_ choice: Int, _ question: Asking.Question) {
    if choice == question.right { return show(question, "yes") }
    prediction?.tried[question.step, default: []].append(choice)
  }

  private mutating func show(_ question: Asking.Question, _ word: String) {
    prediction?.over.insert(question.step)
    _ = move(to: question.step)
    hint = "\(word): \(question.place) decides"
  }

  private mutating func goToQuestion(atOrAfter step: Int) {
    guard let prediction else { return }
    let open = prediction.questions.keys.filter { !prediction.over.contains($0) }
    if let next = open.filter({ $0 >= step }).min() {
      land(on: next - 1)
    } else {
      hint =
        open.isEmpty
        ? "that was the last question; P ends it" : "no question comes after this step"
    }
  }
}

/// The part below the panes while a question is open: what has just happened, and what
/// may come. It takes the room that it needs, up to where nothing is left for the panes.
func questionLines(
  _ browser: Browser, _ question: Asking.Question, _ size: ScreenSize
) -> [StyledLine] {
  guard let prediction = browser.prediction else { return [] }
  let width = size.columns
  let steps = prediction.questions.keys.sorted()
  let place = steps.firstIndex(of: question.step).map { $0 + 1 } ?? 0
  let tried = prediction.tried[question.step] ?? []
  // The last step that is shown: what a fold says is no help here.
  let last = browser.tellings[question.step - 2]
  let number = "\(last.step.number) "
  var head = [strip(browser, width)]
  head += wrap(number + last.sentence, to: width, indent: number.count).prefix(2)
    .map { StyledLine($0, .bold) }
  let note = question.note.map { "; \($0)" } ?? ""
  var lines = wrap(
    "What is the next step? (question \(place) of \(steps.count)\(note))", to: width
  ).map { StyledLine($0, .heading) }
  for (number, choice) in question.choices.enumerated() {
    let isWrong = tried.contains(number)
    let text = wrap("\(number + 1)  \(choice.sentence)", to: width, indent: 3)
    // What is known to be wrong need not be read again, nor any but the last reason.
    lines +=
      isWrong
      ? [StyledLine(clip(text[0], to: width), .dim)] : text.map { StyledLine($0) }
    if number == tried.last, let reason = choice.reason {
      lines += wrap("   no: \(reason) (\(question.place))", to: width, indent: 3)
        .map { StyledLine($0, .changed) }
    }
  }
  // The title, two lines of the panes, and the keys.
  let room = size.rows - 4
  return Array(
    (head.dropFirst(max(0, head.count + lines.count - room)) + lines).prefix(room))
}

extension Browser {
  /// How many lines stand below the panes.
  func bottomHeight(_ size: ScreenSize) -> Int {
    // ... and the one with the keys.
    question.map { questionLines(self, $0, size).count + 1 } ?? usualBottomHeight
  }
}
