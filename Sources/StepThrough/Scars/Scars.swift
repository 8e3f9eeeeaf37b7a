// Scars: old code with its bugs, and the scripts on which it is played. They know
// Scenarios, whose stage they use, and what is below.

package import Scenarios

extension Scar {
  /// All of them, floor by floor.
  package static let all: [Scar] =
    ofTheLoop + ofFutures + ofAccept + ofConnect + ofRecvAndSendall + ofServers
    + ofTransports + ofStreams

  private static let ofTheLoop: [Scar] = [
    Scar(
      "L1", "2013", "a call from another thread is not noticed",
      report: "python/asyncio#11", chapter: 4),
    Scar(
      "L2", "2013", "a reader that was just removed is called once more",
      report: "two changes of January 2013", chapter: 4, l2),
    Scar(
      "L3", "2015", "after a stop and a restart, one event comes twice",
      report: "bpo-25593, aiohttp#633", chapter: 4, l3),
    Scar(
      "L4", "2014", "call_soon_threadsafe fails while the loop closes",
      report: "bpo-21447, bpo-21595, bpo-39651", chapter: 4),
    Scar(
      "L5", "2026", "a wake-up from another thread is lost without a word",
      report: "gh-156054", chapter: 4),
    Scar(
      "L6", "2026", "the self-pipe comes to its end, and the loop spins",
      report: "gh-156344", chapter: 4),
    Scar(
      "L7", "2014", "the loop runs hot just before every timer",
      report: "python/asyncio#106, bpo-20311, bpo-20505", chapter: 4, l7),
    Scar(
      "L8", "2014", "cancelled timers pile up",
      report: "bpo-22448", chapter: 4),
  ]

  private static let ofFutures: [Scar] = [
    Scar(
      "F1", "2014", "InvalidStateError for a waiter that has just left",
      report: "bpo-21886", chapter: 5, f1),
    Scar(
      "F2", "2019", "result and cancellation at once: one of the two is lost",
      report: "bpo-37658, bpo-42130", chapter: 5),
  ]

  private static let ofAccept: [Scar] = [
    Scar(
      "A1", "2020", "a cancelled accept leaves its reader behind",
      report: "bpo-41317", chapter: 6, a1),
    Scar(
      "A2", "2026", "a client is connected, and hung up on at once",
      report: "gh-153761", chapter: 6, a2),
    Scar(
      "A3", "2022", "two tasks accept on a listener, and one waits for ever",
      report: "gh-91780", chapter: 6),
    Scar(
      "A4", "2016", "in a crowd, clients time out although the loop is idle",
      report: "bpo-27906", chapter: 11, a4),
    Scar(
      "A5", "2024", "clients behind one that gave up wait a turn longer",
      report: "gh-127529", chapter: 11, a5),
    Scar(
      "A6", "2026", "out of descriptors: a hundred reports, and as many retries",
      report: "gh-151615, python/asyncio#78", chapter: 11, a6),
    Scar(
      "A7", "2026", "a client is accepted, and nobody ever answers it",
      report: "gh-155934", chapter: 11),
  ]

  private static let ofConnect: [Scar] = [
    Scar(
      "C1", "2014", "after a connect that timed out, the next one hangs",
      report: "python/asyncio#205", chapter: 7, c1),
    Scar(
      "C2", "2016", "connect, then send a large block: it hangs",
      report: "python/asyncio PR 366", chapter: 7, c2),
    Scar(
      "C3", "2015", "a signal turns a good connection into an error",
      report: "bpo-23618, bpo-23879", chapter: 7, c3),
    Scar(
      "C4", "2021", "one event comes twice: InvalidStateError, and a spin",
      report: "uvloop#378", chapter: 7),
    Scar(
      "C5", "2025", "a race is reported, and there is none",
      report: "gh-131728", chapter: 7),
    Scar(
      "C6", "2026", "a connect fails, and its task never hears of it",
      report: "Kludex/zuvloop#155", chapter: 7),
    Scar(
      "C7", "2026", "the protocol cannot be made, and the socket leaks",
      report: "gh-153133", chapter: 11),
    Scar(
      "C8", "2024", "one user's answer goes to another user",
      report: "uvloop#645, uvloop#738", chapter: 7),
  ]

  private static let ofRecvAndSendall: [Scar] = [
    Scar(
      "R1", "2017", "a cancelled recv leaves its reader behind",
      report: "bpo-30064", chapter: 8),
    Scar(
      "R2", "2020", "cancel, recv again: it hangs, and the bytes are there",
      report: "bpo-30064", chapter: 8, r2),
    Scar(
      "R3", "2018", "after a recv that timed out, bytes are missing",
      report: "uvloop#169", chapter: 8, r3),
    Scar(
      "S1", "2018", "a large block is copied again with every send",
      report: "bpo-35589", chapter: 8),
    Scar(
      "S2", "2025", "numbers are taken for bytes: it spins for ever",
      report: "gh-135862", chapter: 8),
  ]

  private static let ofServers: [Scar] = [
    Scar(
      "V1", "2023", "close() right after an accept: AssertionError",
      report: "gh-109564", chapter: 11, v1),
    Scar(
      "V2", "2018", "wait_closed() returns while clients are still served",
      report: "bpo-34852, gh-77908", chapter: 11, v2),
    Scar(
      "V3", "2023", "wait_closed() hangs as long as one client stays",
      report: "gh-104344, gh-123720", chapter: 11),
    Scar(
      "V4", "2023", "a server cannot hang up on its clients",
      report: "gh-113538", chapter: 11),
  ]

  private static let ofTransports: [Scar] = [
    Scar(
      "T1", "2017", "pause_reading() in connection_made is ignored",
      report: "bpo-31821, gh-103607", chapter: 9, t1),
    Scar(
      "T2", "2016", "close() in connection_made: AttributeError about None",
      report: "bpo-27223, bpo-33263", chapter: 9, t2),
    Scar(
      "T3", "2013", "the end of a stream is told again and again",
      report: "a change of October 2013", chapter: 9),
    Scar(
      "T4", "2018", "an empty buffer is taken for the end of the stream",
      report: "bpo-32251", chapter: 9),
    Scar(
      "T5", "2023", "writelines: what does not fit at once never leaves",
      report: "gh-103462", chapter: 10, t5),
    Scar(
      "T6", "2024", "writelines: the buffer grows, and nobody is told",
      report: "gh-127655, CVE-2024-12254", chapter: 10, t6),
    Scar(
      "T7", "2025", "writelines on a lost connection: AttributeError",
      report: "gh-136234", chapter: 10, t7),
    Scar(
      "T8", "2026", "writelines with an empty piece: it spins, never closes",
      report: "gh-155888", chapter: 10, t8),
    Scar(
      "T9", "2024", "what is written while it closes never leaves",
      report: "gh-115514", chapter: 10, t9),
    Scar(
      "T10", "2026", "a connection is lost twice: AttributeError",
      report: "gh-156512", chapter: 10, t10),
    Scar(
      "T11", "2026", "after an EAGAIN, a piece of the bytes is missing",
      report: "gh-146507", chapter: 10),
    Scar(
      "T12", "2016", "half an answer: somebody took the writer away",
      report: "python/asyncio#372, bpo-28369", chapter: 9),
    Scar(
      "T13", "2021", "a connection with a used number never reads",
      report: "gh-88968, gh-130141", chapter: 9),
    Scar(
      "T14", "2016", "a write to a peer that has gone ends the process",
      report: "python/asyncio#351", chapter: 1),
  ]

  private static let ofStreams: [Scar] = [
    Scar(
      "M1", "2014", "readexactly() of more than the limit never returns",
      report: "python/asyncio#99", chapter: 12, m1),
    Scar(
      "M2", "2014", "read() to the end hangs once reading is paused",
      report: "python/asyncio#168", chapter: 12),
    Scar(
      "M3", "2015", "drain() never hears that the peer has gone",
      report: "python/asyncio#263", chapter: 13, m3),
    Scar(
      "M4", "2017", "two tasks drain one writer: AssertionError",
      report: "bpo-29930", chapter: 13, m4),
    Scar(
      "M5", "2018", "close the writer, then read: it hangs",
      report: "gh-79246", chapter: 12),
    Scar(
      "M6", "2020", "wait_closed() hangs if the peer does not read",
      report: "gh-83939", chapter: 13),
    Scar(
      "M7", "2015", "a client that has ended its half gets no answer",
      report: "bpo-24539, python/asyncio#251", chapter: 13, m7),
    Scar(
      "M8", "2015", "the tail of a line that was too long comes as a line",
      report: "python/asyncio PR 297", chapter: 12),
    Scar(
      "M9", "2018", "one deadline, and wait_closed() is cancelled for everybody",
      report: "none that we know of", chapter: 13),
  ]
}

extension Scenario {
  /// What one can choose from on the screen: these, and behind them the scars.
  package static let choices =
    all
    + chapterTitles.keys.sorted().flatMap { chapter in
      Scar.all.compactMap(\.scenario).filter { $0.chapter == chapter }
    }
}
