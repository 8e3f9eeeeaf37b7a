// The things in a section, put into words one by one. It knows how a place in the
// machine is found and compared; the words stand in `MachineSections.swift`.

import EventLoops
package import Recording

extension MachineSection {
  /// What is in a section. A run may have thousands of futures, and a screen shows some
  /// thirty lines: so nothing is put into words before somebody looks at it.
  package struct Items: RandomAccessCollection, Sendable {
    let kind: Kind
    let state: LoopState

    package var startIndex: Int { 0 }
    package var endIndex: Int {
      switch kind {
      case .ready: state.ready.count
      case .selector: state.registrations.count
      case .timers: state.timers.count
      case .futures: state.futures.count
      case .tasks: state.tasks.count
      case .transports: state.transports.count
      case .streams: state.readers.count
      case .kernel: state.sockets.count
      case .printed: state.transcript.count
      }
    }

    package subscript(place: Int) -> Item {
      switch kind {
      case .ready: state.item(state.ready[place])
      case .selector: state.item(state.registrations[place])
      case .timers: state.item(state.timers[place])
      case .futures: state.item(state.futures[place])
      case .tasks: state.item(state.tasks[place])
      case .transports: state.item(state.transports[place])
      case .streams: state.item(state.readers[place])
      case .kernel: state.item(state.sockets[place])
      case .printed: Item(id: "\(place)", name: state.transcript[place], details: "")
      }
    }

    /// The number of which the item's `id` is the text.
    private func number(_ place: Int) -> Int {
      switch kind {
      case .ready: state.ready[place].ticket
      case .selector: Int(state.registrations[place].fd)
      case .timers: state.timers[place].handle.id
      case .futures: state.futures[place].name.id
      case .tasks: state.tasks[place].future.name.id
      case .transports: state.transports[place].name.id
      case .streams: state.readers[place].name.id
      case .kernel: Int(state.sockets[place].descriptor)
      case .printed: place
      }
    }

    /// Where the thing with this `id` stands; `nil` if it is not there.
    package func place(of id: String) -> Int? {
      Int(id).flatMap { place(ofNumber: $0) }
    }

    /// The same for the number of which that is the text.
    func place(ofNumber number: Int) -> Int? {
      switch kind {
      case .futures: state.index(ofFuture: number)
      case .tasks: state.index(ofTask: number)
      default: indices.last { self.number($0) == number }
      }
    }

    /// Whether the item there would be a quiet one.
    package func isQuiet(_ place: Int) -> Bool {
      switch kind {
      case .selector: state.plumbing.contains(state.registrations[place].fd)
      case .futures: state.futures[place].outcome != nil
      case .tasks: state.tasks[place].future.outcome != nil
      case .transports: state.transports[place].isLost
      case .kernel: state.plumbing.contains(state.sockets[place].descriptor)
      case .ready, .timers, .streams, .printed: false
      }
    }

    /// Whether the item there says the same as one of another moment, as far as one sees
    /// without putting the two into words.
    private func isSame(_ place: Int, as old: Items, _ other: Int) -> Bool {
      let (now, then) = (state, old.state)
      func isCancelledAlike(_ id: Int) -> Bool {
        now.cancelled.contains(id) == then.cancelled.contains(id)
      }
      func isCalledAlike(_ fd: Int32) -> Bool {
        now.names[fd] == then.names[fd]
          && now.plumbing.contains(fd) == then.plumbing.contains(fd)
      }
      switch kind {
      case .ready:
        let entry = now.ready[place]
        return entry == then.ready[other] && isCancelledAlike(entry.handle.id)
      case .selector:
        let entry = now.registrations[place]
        return entry == then.registrations[other] && isCalledAlike(entry.fd)
      case .timers:
        let timer = now.timers[place]
        return timer == then.timers[other] && isCancelledAlike(timer.handle.id)
      case .futures: return now.futures[place] == then.futures[other]
      case .tasks: return now.tasks[place] == then.tasks[other]
      case .transports:
        let transport = now.transports[place]
        return transport == then.transports[other] && isCalledAlike(transport.fd)
      case .streams: return now.readers[place] == then.readers[other]
      case .kernel:
        let socket = now.sockets[place]
        return socket == then.sockets[other] && isCalledAlike(socket.descriptor)
      case .printed: return now.transcript[place] == then.transcript[other]
      }
    }

    /// How many at the front and how many at the end are as they were. A step changes
    /// one thing or two: what is between these is short.
    func sameEnds(as old: Items) -> (front: Int, back: Int) {
      let most = Swift.min(count, old.count)
      var (front, back) = (0, 0)
      while front < most, isSame(front, as: old, front) { front += 1 }
      while back < most - front, isSame(count - 1 - back, as: old, old.count - 1 - back)
      {
        back += 1
      }
      return (front, back)
    }
  }
}

extension LoopState {
  /// A thing in a section.
  ///
  /// - Parameter place: the section's title, and the thing's `id`.
  package func item(_ place: (section: String, id: String)) -> MachineSection.Item? {
    guard let items = sections.first(where: { $0.title == place.section })?.items
    else { return nil }
    return items.place(of: place.id).map { items[$0] }
  }

  /// All that is said of a thing, wherever in the machine it stands.
  package func items(about thing: Thing) -> [MachineSection.Item] {
    switch thing {
    case .handle(let id):
      ready.filter { $0.handle.id == id }.map(item)
        + timers.filter { $0.handle.id == id }.map(item)
    case .future(let id):
      one(id, in: .futures) + one(id, in: .tasks)
    case .descriptor(let fd): one(Int(fd), in: .selector) + one(Int(fd), in: .kernel)
    case .transport(let id): one(id, in: .transports)
    case .reader(let id): one(id, in: .streams)
    }
  }

  private func one(_ id: Int, in kind: MachineSection.Kind) -> [MachineSection.Item] {
    let items = section(kind).items
    return items.place(ofNumber: id).map { [items[$0]] } ?? []
  }
}
