// The help: the keys of the mode one is in, the marks, and the words.

import Telling

/// As much of the help as fits, from where it is scrolled to.
func helpScreen(
  _ browser: Browser, _ under: Browser.Mode, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(" Help", .bar).fitted(to: size.columns, filling: .bar)
  let lines = helpLines(browser, under, size)
  let room = size.rows - 3
  let shown = Array(lines.dropFirst(browser.helpTop).prefix(room))
  let below = lines.count - browser.helpTop - shown.count
  let more =
    below > 0 ? "↓ \(below) more lines · " : browser.helpTop > 0 ? "↑ more · " : ""
  return [bar] + shown
    + Array(repeating: StyledLine(), count: room - shown.count)
    + [StyledLine(), StyledLine(" \(more)arrows scroll · Any key goes back", .dim)]
}

/// All of it.
func helpLines(
  _ browser: Browser, _ under: Browser.Mode, _ size: ScreenSize
) -> [StyledLine] {
  let width = size.columns - 2
  var lines = [StyledLine(" \(title(under))", .heading)]
  lines += table(keys(browser, under), width, by: 17)
  if under == .timeline {
    lines += [StyledLine(), StyledLine(" What the signs mean", .heading)]
    lines += table(signs, width, by: 17)
  }
  guard under == .steps else { return lines }
  lines += [StyledLine(), StyledLine(" Keys that follow", .heading)]
  lines += table(keysToFollow(browser), width, by: 17)
  lines += [StyledLine(), StyledLine(" What the marks mean", .heading)]
  lines += table(marks(browser), width, by: 17)
  lines += [StyledLine(), StyledLine(" What the words mean", .heading)]
  lines += table(glossary, width, by: 17)
  return lines
}

private func title(_ under: Browser.Mode) -> String {
  switch under {
  case .log: "Keys in the log"
  case .scenarios: "Keys in the list of scenarios"
  case .stations: "Keys in the life of what is followed"
  case .chapter: "Keys in a chapter"
  case .timeline: "Keys in the picture of the whole run"
  case .whatIf: "Keys where one asks what if"
  case .steps, .help, .question: "Keys"
  }
}

private func table(
  _ rows: [(String, String)], _ width: Int, by margin: Int
) -> [StyledLine] {
  rows.flatMap { word, meaning in
    wrap(meaning, to: width - margin).enumerated().map { place, text in
      let isWide = displayWidth(word) >= margin
      var line = StyledLine(
        "  " + (place == 0 && !isWide ? word : "").padded(to: margin), .bold)
      line.add(text)
      // A long word has a line of its own.
      return place == 0 && isWide ? [StyledLine("  " + word, .bold), line] : [line]
    }.flatMap { $0 }
  }
}

private func keys(
  _ browser: Browser, _ under: Browser.Mode
) -> [(String, String)] {
  switch under {
  case .log:
    return [
      ("↑ ↓  j k", "choose a step"), ("PgUp PgDn", "a page further"),
      ("home  end", "the first step, the last one"),
      ("enter  →  space", "go to the chosen step"),
      ("/  N", "find a step by its sentence; the one before"),
    ]
      + (browser.folds.isEmpty
        ? []
        : [
          ("u", "unfold what is before and after the turns, or fold it")
        ]) + [
        ("l  ←  esc  q", "back"), ("Ctrl-C", "quit"),
      ]
  case .scenarios:
    return [
      ("↑ ↓", "choose a scenario"), ("PgUp PgDn", "ten further"),
      ("home  end", "the first one, the last one"),
      ("letters", "search names and titles; backspace takes one away"),
      ("enter  →", "start the chosen one, or go on where you left it"),
      ("esc  ←", "give up the search, or go back"),
      ("q  Ctrl-C", "quit; q only while nothing is searched"),
    ]
  case .stations:
    return [
      ("↑ ↓  j k", "choose a step"), ("PgUp PgDn", "ten further"),
      ("home  end", "the first of its steps, the last one"),
      ("enter  →  space", "go to the chosen step"), ("f  ←  esc  q", "back"),
      ("Ctrl-C", "quit"),
    ]
  case .chapter:
    return [
      ("↑ ↓  j k  enter", "a line up or down"), ("PgUp PgDn  space", "a page"),
      ("home  end", "the beginning, the end"),
      ("B", "this place in your own pager: $PAGER, or less"), ("b  ←  esc  q", "back"),
      ("Ctrl-C", "quit"),
    ]
  case .whatIf:
    return [
      ("↑ ↓", "choose what happens instead"),
      ("enter  →  space", "run the scenario again, so"), ("w  ←  esc  q", "back"),
      ("Ctrl-C", "quit"),
    ]
  case .timeline:
    return [
      ("→ ←  space", "next step, step before"),
      ("↑ ↓", "the next lane with a step in it"),
      ("n  p", "next turn of the loop, previous turn"),
      ("home  end", "first step, last step"),
      ("o  backspace", "to what led to this step; back"),
      ("enter", "show this step on the usual screen"), ("t  esc  q", "back"),
      ("Ctrl-C", "quit"),
    ]
  case .steps, .help, .question: break
  }
  var keys = [
    ("→  space  enter", "next step; so does ↓ while no pane is chosen"),
    ("←", "back one step; so does ↑"),
    ("n  p", "next turn of the loop, previous turn"),
    ("home  end", "first step, last step"),
    ("g", "go to a step by its number"),
    ("/  N", "find on the screen; / and enter: the next, N: the one before"),
    ("l", "log: all steps in a list"),
    ("P", "what next? before some steps you say which one comes; again: no more"),
    ("Tab  shift-Tab", "choose a pane: arrows, PgUp, PgDn, j, k then move in it"),
    ("PgUp PgDn  j k", "move in the machine, where no pane is chosen"),
    ("z", "the chosen pane on the whole screen, and back"),
    ("esc", "back from the whole screen; no pane is chosen any more"),
  ]
  if browser.prediction != nil {
    keys += [
      ("1  2  3  4", "of a question: this is the next step"),
      (".", "... show it"), ("n", "... go to the next one, and not to the next turn"),
    ]
  }
  if browser.course != nil {
    keys.append(("w", "what if? another answer here, and the scenario again"))
  }
  if !browser.folds.isEmpty {
    keys.append(("u", "unfold what is before and after the turns, or fold it"))
  }
  if browser.counterparts != nil {
    keys.append(
      (
        "c",
        browser.hasRoomForAll
          ? "CPython's steps beside the machine, or not"
          : "CPython's steps, or the machine again"
      ))
  }
  if browser.outcomes != nil {
    keys.append(("d", "the first step at which old and new part; again: in the other"))
  }
  if browser.isLive {
    keys += [
      ("C", "connect a client to the loop; several may be there"),
      ("W  E  R", "it writes a line, ends its sending, resets"),
      ("1 … 9", "which of several clients these keys are for"),
    ]
  }
  if !browser.scenarios.isEmpty { keys.append(("s", "other scenarios")) }
  return keys + [
    (
      "mouse",
      "a press goes to a turn of the strip and to a step of CPython's, opens a row of a"
        + " list, chooses a pane, a thing; again: what o does; the wheel scrolls; shift"
        + " selects text"
    ),
    ("?  h", "this help"),
    ("q  Ctrl-C", "quit; in a question Ctrl-C only leaves that"),
    ("Ctrl-Z", "stop for a while; fg in the shell goes on"),
  ]
}

private func keysToFollow(_ browser: Browser) -> [(String, String)] {
  var keys = [
    ("o  backspace", "to what led to this step, or to the chosen line; back"),
    ("f", "follow what this step is about, or what is chosen; again: list"),
    ("e  a  r", "next end of a callback, system call, change of the queue"),
    (
      "E  A  R",
      browser.isLive
        ? "E and R are the client's; A: the system call before"
        : "... and back"
    ),
    ("t", "the whole run as a picture, turn by turn"),
    ("b  B", "the chapter that tells of this line; in your own pager"),
  ]
  if !browser.isLive {
    keys.append(("y", "the address of this step, to come back to it"))
  }
  return keys
}

private let signs = [
  ("+  =  x", "made; settled; called off, asked to stop"),
  (">  <  .", "is called, or runs; returns to the loop; waits"),
  ("─  ·", "in a task's lane: it still runs, it still waits"),
  ("q", "put into the ready queue"), ("?  !", "asks the selector; what that reports"),
  ("c  e", "a system call; one that the kernel refuses"),
  ("w", "the world: what somebody outside does"), ("-", "anything else"),
  ("▼", "the present step; what led to it, and what it leads to, is marked"),
]

private func marks(_ browser: Browser) -> [(String, String)] {
  var marks = [
    ("▶", "the line of source that this step comes from"),
    ("+  ~  -", "in the machine: what this step brought, changed, took away"),
    (
      "a → b",
      "in the selector's lines: if a is ready, the callback b will be queued"
    ),
    ("[…]", "in the strip under the panes: the turn, and the part of it, that is now"),
    (
      "colours",
      "are those for a light ground if the terminal says that it has one, when asked or"
        + " in COLORFGBG=0;15; NO_COLOR=1: none"
    ),
  ]
  if browser.counterparts != nil {
    marks.append(
      (
        "+  -  ~",
        "beside CPython: a step that only CPython has, one that only we have, one that"
          + " differs; the reason stands below"
      ))
  }
  return marks
}

private let glossary = [
  ("handle", "a callback in a box: what the loop queues, calls, and can call off"),
  (
    "turn",
    "once around: ask the selector (poll), queue what is due, call what was queued"
  ),
  (
    "ready queue", "the handles whose turn it is; the first one in is the first one out"
  ),
  ("future", "the place for a result that is not there yet"),
  ("settled", "of a future: it has its result, an error, or is cancelled; for good"),
  ("reader", "the callback for a descriptor that can be read; a writer is its like"),
  ("stream reader", "of a stream: the bytes that have come, and who waits for more"),
  ("wake-up", "the handle that lets a waiting task run on"),
  ("task", "a future, and an async function that will settle it"),
  (
    "transport",
    "owns a socket, keeps what the kernel does not take, and calls a protocol"
  ),
  ("self-pipe", "a descriptor that another thread makes readable, to wake the loop"),
  ("stop", "the handle that ends the run when the first task is done"),
  ("EAGAIN", "the kernel's \"not now\", where it would have to wait"),
  (
    "scar",
    "a line that is there because of a bug; `scar A2` plays the old code and today's"
  ),
  (
    "[accept.done-first]",
    "in a comment: the name of a place, by which the chapters point to it"
  ),
  (
    "(A2: gh-153761)",
    "in a comment: this line is scar A2; gh-153761 is the report in CPython's tracker"
      + " on GitHub, bpo-41317 one in its older tracker"
  ),
]
