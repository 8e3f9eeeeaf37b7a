extension Bench {
  private static let floors: [Peer] = [
    .own("raw epoll loop", "serve", "raw"),
    .own("transport and protocol", "serve", "protocol"),
    .own("streams", "serve", "streams"),
    .own("sockRecv, sockSendall", "serve", "sock"),
  ]
  /// The same floors in Python, if there is one.
  private static func pythons(_ library: String) -> [Peer] {
    if Peer.versions[library == "uvloop" ? library : "python"] == nil { return [] }
    return ["protocol", "streams", "sock"].map {
      .python("\(library), \($0)", "echo.py", library, $0)
    }
  }

  /// One measurement of a server: how much it did in a second, and the processor time
  /// that one of it took, in seconds.
  private typealias Sample = (rate: Double, cost: Double)

  /// Asks each server in turn, again and again. The first one is what the others are
  /// compared with.
  private func compare(
    _ name: String, _ title: String, _ unit: String, _ peers: [Peer],
    ask: (RunningServer, Int) throws -> Sample
  ) throws -> Table {
    let servers = try peers.map { try $0.serve() }
    var samples = [[Sample]](repeating: [], count: servers.count)
    for round in 0..<rounds {
      for (place, server) in servers.enumerated() {
        progress("\(title): \(server.name), \(round + 1) of \(rounds)")
        samples[place].append(try ask(server, place))
      }
    }
    var table = Table(
      name: name, title: title,
      columns: ["server", "\(unit)/s", "from", "to", "of raw", "CPU us", "CPU of raw"])
    let raw = samples[0]
    let rawRate = Spread(raw.map(\.rate))!.median
    let rawCost = Spread(raw.map(\.cost))!.median
    for (server, samples) in zip(servers, samples) {
      let rate = Spread(samples.map(\.rate))!
      let cost = Spread(samples.map(\.cost))!
      table.rows.append([
        .text(server.name), .rounded(rate.median), .rounded(rate.low),
        .rounded(rate.high), .rounded(rate.median / rawRate),
        .rounded(cost.median * 1e6), .rounded(rawCost / cost.median),
      ])
    }
    return table
  }

  /// Counts what a server does while `body` runs.
  private func sample(_ server: RunningServer, _ body: () throws -> Int) rethrows
    -> Sample
  {
    let before = server.processorTime
    let start = now()
    let count = Double(try body())
    return (count / (now() - start), (server.processorTime - before) / count)
  }

  func echo() throws -> [Table] {
    stay(onProcessor: 1, 0)
    raiseDescriptorLimit()
    var peers = Self.floors + Self.pythons("asyncio") + Self.pythons("uvloop")
    peers.insert(.own("raw, in asyncio's turns", "serve", "raw-turns"), at: 1)
    return try [50, 500].map { connections in
      var loads: [Int: Load] = [:]
      return try compare(
        "echo-\(connections)",
        "512 bytes there and back, over \(connections) connections", "round trips",
        peers
      ) { server, place in
        if loads[place] == nil {
          loads[place] = Load()
          try loads[place]!.connect(connections, port: server.port)
        }
        return try sample(server) {
          try loads[place]!.run(connections, seconds: seconds)
        }
      }
    }
  }

  func lines() throws -> [Table] {
    stay(onProcessor: 1, 0)
    var peers: [Peer] = [
      .own("raw recv and memchr", "serve", "raw-lines"),
      .own("streams, readline", "serve", "lines"),
    ]
    for library in ["asyncio", "uvloop"] where !Self.pythons(library).isEmpty {
      peers.append(.python("\(library), readline", "echo.py", library, "lines"))
    }
    return [
      try compare("lines", "lines of 100 bytes, over one connection", "lines", peers) {
        server, _ in
        try sample(server) { try flood(port: server.port, seconds: seconds) }
      }
    ]
  }

  func growth() throws -> [Table] {
    let sizes = isQuick ? [1000, 10_000, 100_000] : [1000, 10_000, 100_000, 1_000_000]
    let rounds = isQuick ? 1 : 3
    var table = Table(
      name: "growth", title: "CPU ns a piece, of so many",
      columns: ["what", "whose"] + sizes.map { Table.Cell.number(Double($0)).text })
    for (workload, title) in workloads {
      var whose = [("ours", Peer.own("", "grow", workload))]
      if workload == "future" {
        whose.append(("Swift's tasks alone", .own("", "grow", "bare")))
      }
      if Peer.versions["python"] != nil {
        whose.append(("asyncio", .python("", "growth.py", workload)))
      }
      var cells = [[Table.Cell]](repeating: [], count: whose.count)
      // Who would need more than a minute for the next size is not asked for it.
      var last = [Double](repeating: .infinity, count: whose.count)
      var isTooSlow = [Bool](repeating: false, count: whose.count)
      for size in sizes {
        var seconds = [[Double]](repeating: [], count: whose.count)
        for round in 1...rounds {
          for (place, (name, peer)) in whose.enumerated() where !isTooSlow[place] {
            progress("\(size) \(title), \(name), \(round) of \(rounds)")
            let output = try peer.output("\(size)")
            guard let time = Double(output.prefix { !$0.isNewline }) else {
              throw Failure("\(name) cannot measure \(size) \(title)")
            }
            seconds[place].append(time)
          }
        }
        for place in whose.indices {
          let time = Spread(seconds[place])?.median
          cells[place].append(.rounded(time.map { $0 / Double(size) * 1e9 }))
          guard let time else { continue }
          isTooSlow[place] = time * max(10, time / last[place]) > 60
          last[place] = time
        }
      }
      for (place, (name, _)) in whose.enumerated() {
        table.rows.append([.text(place == 0 ? title : ""), .text(name)] + cells[place])
      }
    }
    return [table]
  }

  func connections() throws -> [Table] {
    stay(onProcessor: 1, 0)
    let limit = raiseDescriptorLimit() - 100
    let all = isQuick ? [1, 10, 100, 1000] : [1, 10, 100, 1000, 10_000, 20_000]
    let sizes = all.map { min($0, limit) }
    let peers = Self.floors + Self.pythons("asyncio")
    let columns = ["connections"] + peers.map(\.name)
    var active = Table(
      name: "active", title: "CPU us a round trip, all connections active",
      columns: columns)
    var idle = Table(
      name: "idle",
      title: "CPU us a round trip, one connection active, the others idle",
      columns: columns)
    var memory = Table(
      name: "memory", title: "bytes of memory for an idle connection",
      columns: ["server", "bytes"])
    for size in sizes {
      var rows: (active: [Table.Cell], idle: [Table.Cell]) = ([], [])
      for peer in peers {
        progress("\(size) connections: \(peer.name)")
        let server = try peer.serve()
        let load = Load()
        try load.connect(1, port: server.port)
        let before = server.memory
        try load.connect(size - 1, port: server.port)
        if size == sizes.last {
          let bytes = (server.memory - before) / Double(size - 1)
          memory.rows.append([.text(peer.name), .rounded(bytes)])
        }
        func cost(_ active: Int) throws -> Table.Cell {
          let costs = try (0..<rounds).map { _ in
            try sample(server) { try load.run(active, seconds: seconds / 2) }.cost
          }
          return .rounded(Spread(costs)!.median * 1e6)
        }
        rows.idle.append(try cost(1))
        rows.active.append(try cost(size))
      }
      active.rows.append([.number(Double(size))] + rows.active)
      idle.rows.append([.number(Double(size))] + rows.idle)
    }
    return [active, idle, memory]
  }
}
