import Foundation

// How fast the floors are, and how they grow. Every server has a process and a processor
// of its own, the clients have another one. Whoever is compared takes turns, because a
// machine is not as fast in one minute as in the next.
//
//     swift run -c release bench [--quick] [--only SECTION] [--json FILE] [--picture FOLDER]

@main struct Bench {
  /// How often everything is measured.
  var rounds = 7
  /// How long a server is asked, in seconds.
  var seconds = 0.5
  var isQuick = false
  var only: String?
  var jsonFile: String?
  var pictureFolder: String?

  static func main() {
    var arguments = CommandLine.arguments.dropFirst()
    switch arguments.popFirst() {
    case "serve": return serve(arguments.popFirst() ?? "")
    case "grow":
      let work = arguments.popFirst() ?? ""
      return print(grow(work, arguments.popFirst().flatMap { Int($0) } ?? 0))
    default: break
    }
    var bench = Bench()
    bench.read(CommandLine.arguments.dropFirst())
    bench.run()
  }

  /// Ends the program with a word about how it is used.
  static func refuse(_ reason: String) -> Never {
    writeLine("bench: \(reason)")
    writeLine(
      "usage: bench [--quick] [--only SECTION] [--json FILE] [--picture FOLDER]")
    writeLine("sections: \(sections.map(\.name).joined(separator: ", "))")
    exit(2)
  }

  private mutating func read(_ arguments: ArraySlice<String>) {
    var rest = arguments
    func value(of option: String) -> String {
      guard let value = rest.popFirst() else { Self.refuse("\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--quick": (isQuick, rounds, seconds) = (true, 3, 0.2)
      case "--only": only = value(of: option)
      case "--json": jsonFile = value(of: option)
      case "--picture": pictureFolder = value(of: option)
      default: Self.refuse("there is no option \(option)")
      }
    }
    if let only, !Self.sections.contains(where: { $0.name == only }) {
      Self.refuse("there is no section \(only)")
    }
  }

  private typealias Section = (name: String, measure: (Bench) throws -> [Table])
  private static var sections: [Section] {
    [
      ("echo", { try $0.echo() }), ("lines", { try $0.lines() }),
      ("growth", { try $0.growth() }), ("connections", { try $0.connections() }),
    ]
  }

  private func run() {
    var report = Report(about: about())
    do {
      for section in Self.sections where only == nil || only == section.name {
        for table in try section.measure(self) {
          report.tables.append(table)
          progress("")
          print(table.text)
        }
      }
      if let jsonFile { try report.write(to: jsonFile) }
      if let pictureFolder { try draw(report.tables, in: pictureFolder) }
    } catch {
      writeLine("bench: \(error)")
      exit(1)
    }
  }

  /// What has to be known to compare figures: the machine, the day, the versions.
  private func about() -> [String: String] {
    var about = [
      "machine":
        "\(processorName ?? "unknown"), \(ProcessInfo.processInfo.processorCount) processors",
      "system": ProcessInfo.processInfo.operatingSystemVersionString,
      "date": Date.now.formatted(.iso8601.year().month().day()),
    ]
    for (name, version) in Peer.versions { about[name] = version }
    return about
  }
}

#if os(Linux)
  private var processorName: String? {
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
#else
  private var processorName: String? {
    var (name, size) = ([CChar](repeating: 0, count: 100), 100)
    if sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0) != 0 {
      return nil
    }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
  }
#endif

/// What is being measured, on the terminal's last line; it disappears again.
func progress(_ text: String) {
  if isatty(STDERR_FILENO) == 0 { return }
  FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
}

func writeLine(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// What went wrong with a measurement.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
