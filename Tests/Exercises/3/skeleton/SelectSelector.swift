// Exercise 3: a selector of your own, on select(2).

import Asyncio
import Foundation

/// The oldest of them: three sets of bits, of which the kernel leaves standing what is
/// ready. It has no room for a descriptor from 1024 on.
public final class SelectSelector: Selector {
  public private(set) var keys: [Int32: SelectorKey] = [:]

  public init() {}

  // Your turn: ask the kernel about all descriptors at once, with `systemSelect` below,
  // and say which are ready, and for what. A timeout of nil waits as long as it takes,
  // one of 0 or less does not wait. EINTR is an answer: nothing is ready yet.
  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    []
  }

  public func getKey(_ fd: Int32) -> SelectorKey? { keys[fd] }

  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    if keys[fd] != nil { throw SelectorError.alreadyRegistered(fd) }
    guard (0..<DescriptorSet.room).contains(fd) else {
      throw SelectorError.invalidDescriptor(fd)
    }
    let key = SelectorKey(fd: fd, events: events, data: data)
    keys[fd] = key
    return key
  }

  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try unregister(fd, site)
    return try register(fd, events, data: data, site)
  }

  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    guard let key = keys.removeValue(forKey: fd) else {
      throw SelectorError.notRegistered(fd)
    }
    return key
  }

  public func close(_ site: CallSite) { keys = [:] }
}

/// What select(2) is asked and answers: a bit for each descriptor.
struct DescriptorSet {
  static let room = Int32(MemoryLayout<fd_set>.size * 8)
  var bits = fd_set()

  mutating func insert(_ fd: Int32) {
    withUnsafeMutableBytes(of: &bits) { $0[Int(fd / 8)] |= 1 << UInt8(fd % 8) }
  }

  func contains(_ fd: Int32) -> Bool {
    withUnsafeBytes(of: bits) { $0[Int(fd / 8)] & 1 << UInt8(fd % 8) != 0 }
  }
}

/// select(2): how many bits are left in both sets, or -1 and `errno`.
///
/// - Parameters:
///   - count: the kernel looks at the descriptors below this one.
///   - seconds: how long it waits at most; `nil` is as long as it takes.
func systemSelect(
  _ count: Int32, _ readable: inout DescriptorSet, _ writable: inout DescriptorSet,
  _ seconds: Double?
) -> Int32 {
  guard let seconds else {
    return select(count, &readable.bits, &writable.bits, nil, nil)
  }
  // Rounded up: woken too early, one would have to ask once more.
  var time = timeval()
  time.tv_sec = .init(seconds)
  time.tv_usec = .init(((seconds - Double(time.tv_sec)) * 1e6).rounded(.up))
  return select(count, &readable.bits, &writable.bits, nil, &time)
}
