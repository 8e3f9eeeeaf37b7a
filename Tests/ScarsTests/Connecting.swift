import CLibrary
import EventLoops
import Recording
import Scars
import Simulation
import Sockets
import Testing

/// The scars of connecting, and what happened in each shape.
struct Connecting {
  @Test func `C1 the kernel never hears of the second socket, and today does`() throws {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("C1", shape)
      let isOld = shape == .old
      let close = try #require(
        played.place { if case .call(.close, _) = $0.event { true } else { false } })
      // What happens between the close and the end.
      let added = played.place(from: close) {
        if case .call(.epollControl(_, .add, _, _), _) = $0.event {
          true
        } else {
          false
        }
      }
      let changed = played.place(from: close) {
        if case .loop(.modified) = $0.event { true } else { false }
      }
      #expect((added == nil) == isOld && (changed == nil) == !isOld)
      #expect(played.isStuck == isOld)
      let asked = played.calls.contains {
        if case .getsockopt = $0.call { true } else { false }
      }
      #expect(asked == !isOld)
    }
  }

  @Test func `C2 the late clean-up takes sendall's writer, and today its own`() throws {
    func places(_ shape: Scar.Shape) throws -> (Played, send: Int, cleanUp: Int) {
      let played = try Played("C2", shape)
      let send = played.place {
        if case .call(.send, _) = $0.event { true } else { false }
      }
      return (
        played, try #require(send), try #require(played.call(of: "sockWriteDone"))
      )
    }
    let old = try places(.old)
    #expect(old.send < old.cleanUp && old.0.isStuck)
    #expect(old.0.runs(of: "sockSendallStep") == 0)
    let socket = try old.0.number("socket")
    #expect(old.0.place(from: old.cleanUp, of: .unregistered(fd: socket)) != nil)

    let today = try places(.today)
    #expect(today.cleanUp < today.send && !today.0.isStuck)
    #expect(today.0.runs(of: "sockSendallStep") == 1)
  }

  @Test func `C3 after a signal it connects again, and today it waits`() throws {
    func calls(_ shape: Scar.Shape) throws -> [SystemAnswer] {
      try Played("C3", shape).calls.compactMap {
        switch $0.call {
        case .connect, .getsockopt: $0.answer
        default: nil
        }
      }
    }
    #expect(try calls(.old) == [.error(EINTR), .error(EISCONN)])
    #expect(try calls(.today) == [.error(EINTR), .number(0)])
  }
}
