import CLibrary
import EventLoops
import Selectors
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// Many at once. Each test in a process of its own, so that the descriptors can be
/// counted.
@Suite struct Crowds {
  @Test func `five hundred clients echo lines at once, and nothing is left`() async {
    await #expect(processExitsWith: .success) {
      raiseLimit(to: 1_100)
      try countingDescriptors {
        try inTime { loop in
          let reports = loop.reports()
          let server = try await loop.startServer(
            host: "127.0.0.1", port: 0, backlog: 500
          ) { reader, writer in
            for try await line in reader {
              try writer.write(line)
              try await writer.drain()
            }
            try await writer.finish()
          }
          var here = 0
          let everybody = loop.createFuture(of: Void.self)
          let visits = try (0..<500).map { number in
            try loop.createTask {
              let (reader, writer) = try await loop.visit(server)
              for round in 0..<10 {
                // Two lines and a half at a time, some of them long.
                let word = String(repeating: "\(number).", count: 1 + round * round)
                try writer.write("\(word)\n\n\(round) of ".bytes)
                try await writer.drain()
                try writer.write("\(number)\n".bytes)
                try #require(try await reader.readline().text == "\(word)\n")
                try #require(try await reader.readline().text == "\n")
                try #require(
                  try await reader.readline().text == "\(round) of \(number)\n")
                // Nobody leaves before all have been there together.
                if round == 0 {
                  here += 1
                  if here == 500 { try everybody.setResult(()) }
                  try await everybody.value()
                }
              }
              writer.writeEof()
              try #require(try await reader.read() == [])
              try await writer.finish()
            }
          }
          try await everybody.value()
          #expect(loop.transports.count == 1_000)
          for visit in visits { try await visit.value() }
          try await server.finish()
          #expect(reports.messages == [])
          #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
        }
      }
    }
  }

  @Test func `resets, aborts, errors and cancellations leave no descriptor`() async {
    await #expect(processExitsWith: .success) {
      try countingDescriptors {
        try inTime { loop in
          let reports = loop.reports()
          let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
            reader, writer in
            let line = try await reader.readline()
            if line.text == "throw\n" { throw Mishap() }
            if line.text == "abort\n" { writer.transport.abort() }
            if line.text == "cancel\n" { loop.currentTask?.cancel() }
            try writer.write(pattern(300_000))
            try await writer.drain()
            try await writer.finish()
          }
          for number in 0..<100 {
            let (reader, writer) = try await loop.visit(server)
            let word = ["throw", "abort", "cancel", "reset", "half", "all"][number % 6]
            try writer.write((word == "half" ? "half" : "\(word)\n").bytes)
            switch word {
            case "reset":
              let socket = try #require(writer.getExtraInfo("socket") as? Socket)
              try socket.setsockopt(.linger, 0)
              try await loop.turns(number % 7)
              writer.transport.abort()
            case "half": writer.transport.abort()
            case "all":
              let isAll = try await reader.read() == pattern(300_000)
              #expect(isAll)
            default: _ = try? await reader.read()
            }
            writer.close()
            try? await writer.waitClosed()
          }
          try await server.finish()
          try await loop.until { loop.allTasks().count == 1 }
          try await loop.turns(3)
          let mishaps = reports.contexts.count { $0.exception is Mishap }
          #expect(mishaps == 17)
          // The others' handlers lost their clients, and said so.
          #expect(
            reports.contexts.allSatisfy { report in
              report.exception is Mishap
                || [ECONNRESET, EPIPE].contains(errno(of: report.exception))
            })
          #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
        }
      }
    }
  }
}
