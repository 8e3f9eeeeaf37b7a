// The machine's pane. It knows sections and items, and no futures and no sockets: those
// became words in `MachineSections.swift`. What a step changed it finds by comparing.

import Recording
import Telling

/// The machine after a step, with what the step changed marked: `+` for what came, `~`
/// for what changed, `-` for what went.
///
/// When the reader is in the pane, everything is there, and what they have chosen is in
/// the middle. Otherwise all that is there is on the screen, as far as there is room.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func machinePane(_ browser: Browser, width: Int, height: Int) -> [StyledLine] {
  let (before, after) = (browser.before, browser.after)
  let isChosen = browser.focus == .machine
  let old = before.sections
  var blocks = after.sections.map { section in
    // A section may be new in this step; none ever goes.
    MachineBlock(section, since: old.first { $0.title == section.title })
  }
  let isNewTurn = before.iteration != after.iteration || before.phase != after.phase
  let turn = after.iteration == 0 ? "Before the loop" : "Turn \(after.iteration)"
  var title = after.phase == .outside ? turn : "\(turn) \(after.activity)"
  let isSame = !isNewTurn && blocks.allSatisfy(\.isSame)
  let remark = isSame ? " · nothing changed" : ""
  if isSame, displayWidth(title + remark) > width { title = turn }
  title = clip(title, to: max(0, width - displayWidth(remark)))
  let style: Style = isChosen ? .bar : isNewTurn ? .changed : .heading
  var head = StyledLine(title, style)
  head.add(remark, isChosen ? .bar : .dim)
  if isChosen { head = head.fitted(to: width, filling: .bar) }

  let room = height - 1
  var lines: [StyledLine]
  if isChosen {
    lines = linesAround(browser.selected, blocks, room, width)
  } else {
    putIntoWords(&blocks, room, width)
    shorten(&blocks, to: room)
    lines = Array(blocks.flatMap { $0.lines }.prefix(room))
  }
  lines = [head] + lines
  return lines.map { $0.fitted(to: width) }
    + Array(repeating: StyledLine(), count: max(0, height - lines.count))
}

/// All that is there, as far as it is near what is chosen.
private func linesAround(
  _ selected: (section: String, id: String)?, _ blocks: [MachineBlock], _ room: Int,
  _ width: Int
) -> [StyledLine] {
  // Headings and entries, counted together from the top.
  var ends: [Int] = []
  var chosen = 0
  for block in blocks {
    let begin = ends.last ?? 0
    if let selected, block.title == selected.section,
      let place = block.place(of: selected.id)
    {
      chosen = begin + 1 + place
    }
    ends.append(begin + 1 + block.count)
  }
  // Each has a line at least, so more than these do not fit.
  let near = max(0, chosen - room)..<min(ends.last ?? 0, chosen + room)
  var lines: [StyledLine] = []
  var place = 0
  for index in near {
    let block = ends.partitioned { $0 > index }
    let begin = block == 0 ? 0 : ends[block - 1]
    if index == chosen { place = lines.count }
    if index == begin {
      lines.append(blocks[block].heading)
    } else {
      var entry = blocks[block].entry(index - begin - 1)
      entry.putIntoWords(width, in: blocks[block])
      lines +=
        index == chosen && selected != nil
        ? entry.lines.map {
          $0.inStyle(.current).fitted(to: width, filling: .current)
        } : entry.lines
    }
  }
  return window(
    lines, around: place, room, above: near.lowerBound,
    below: (ends.last ?? 0) - near.upperBound
  ) { StyledLine("  \($0)", .dim) }
}

/// Puts into words what could find room. Of what is as it was that is no more than there
/// are lines; the rest, which may be thousands, is only counted.
private func putIntoWords(_ blocks: inout [MachineBlock], _ room: Int, _ width: Int) {
  var rest = room
  for isQuiet in [false, true] {
    for place in blocks.indices where !blocks[place].isPrinted {
      rest -= blocks[place].keep(isQuiet ? .quiet : .loud, atMost: rest)
    }
  }
  for place in blocks.indices {
    if blocks[place].isPrinted { _ = blocks[place].keep(.last, atMost: room) }
    blocks[place].putIntoWords(width)
  }
}

/// Everything, if there is room. Otherwise less and less, the dullest first, and of two
/// that are as dull the lower one: what stands above (the queue, the selector) is what
/// most of the story is about. What this step has changed goes last, and what was printed
/// after all the rest: for that the program was written.
private func shorten(_ blocks: inout [MachineBlock], to room: Int) {
  var excess = blocks.reduce(0) { $0 + $1.height } - room
  let order = blocks.indices.sorted {
    (blocks[$0].isPrinted ? 1 : 0, -$0) < (blocks[$1].isPrinted ? 1 : 0, -$1)
  }
  for measure in MachineBlock.Measure.allCases {
    for place in order where excess > 0 {
      excess -= blocks[place].shorten(by: measure, excess)
    }
  }
}
