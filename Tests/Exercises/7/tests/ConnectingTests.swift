import Asyncio
import Foundation
import Support
import Testing

@testable import Exercise7

@Suite struct ConnectingTests {
  private let first = try! SocketAddress("127.0.0.1", port: 1)
  private let second = try! SocketAddress("127.0.0.1", port: 2)

  private struct Course {
    /// The descriptor of the socket: 1 or 2.
    var winner: Int32?
    var error: SystemError?
    /// When it was decided, in seconds.
    var time = 0.0
    /// When each attempt began, by port.
    var begun: [UInt16: Double] = [:]
    /// The ports of the attempts that were called off.
    var calledOff: [UInt16] = []
    var closed: [Int32] = []
  }

  /// Plays it on a scripted clock.
  ///
  /// - Parameter answers: for each address, when it answers, and with which error.
  private func play(
    _ answers: [(after: Double, error: Int32?)], cancelledAt: Double? = nil
  ) throws -> Course {
    let stage = try Stage()
    let loop = stage.loop
    var course = Course()
    let task = try loop.createTask {
      try await connectToFaster(loop, first, second) { address in
        let port = address.port!
        course.begun[port] = loop.time()
        let answer = answers[Int(port) - 1]
        do { try await loop.sleep(answer.after) } catch {
          course.calledOff.append(port)
          throw error
        }
        if let error = answer.error { throw SystemError(error, in: "connect") }
        return stage.socket(Int32(port))
      }
    }
    task.addDoneCallback { _ in course.time = loop.time() }
    if let cancelledAt { try loop.callAt(cancelledAt) { task.cancel() } }
    try stage.play()
    try #require(task.done())
    if !task.cancelled() {
      course.error = try task.exception() as? SystemError
      course.winner = course.error == nil ? try task.result().descriptor : nil
    }
    for case .close(let fd) in stage.kernel.calls { course.closed.append(fd) }
    #expect(stage.troubles == [])
    return course
  }

  @Test func `a first one that is quick has no rival`() throws {
    let course = try play([(0.1, nil), (0.1, nil)])
    #expect(course.winner == 1 && course.time == 0.1 && course.begun == [1: 0])
  }

  @Test func `a first one that does not answer is not waited for`() throws {
    let course = try play([(60, nil), (1, nil)])
    #expect(course.winner == 2 && course.time == 1.25 && course.begun[2] == 0.25)
    #expect(course.calledOff == [1])
  }

  @Test func `a first one that fails ends its head start`() throws {
    let course = try play([(0.125, ECONNREFUSED), (1, nil)])
    #expect(course.winner == 2 && course.time == 1.125 && course.begun[2] == 0.125)
  }

  @Test func `the first one may still win`() throws {
    let course = try play([(0.5, nil), (1, nil)])
    #expect(course.winner == 1 && course.time == 0.5 && course.calledOff == [2])
  }

  @Test func `both answer in the same turn, and one is closed`() throws {
    let course = try play([(1.25, nil), (1, nil)])
    #expect(course.winner == 1 && course.closed.first == 2)
  }

  @Test func `both fail`() throws {
    let course = try play([(1, ETIMEDOUT), (0.25, ECONNREFUSED)])
    #expect(course.error?.errno == ETIMEDOUT && course.time == 1)
  }

  @Test func `who is not wanted any more connects to nobody`() throws {
    let course = try play([(60, nil), (60, nil)], cancelledAt: 0.125)
    #expect(course.winner == nil && course.begun == [1: 0] && course.calledOff == [1])
  }
}
