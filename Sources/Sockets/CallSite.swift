/// A line of source code: where a call was written.
///
/// The primitives of every floor take one, by default the line that calls them,
/// and hand it to the `Kernel` and to the loop's observer. Nothing else is needed
/// for the step-through to point at the line of `sockAccept` that got EAGAIN.
public struct CallSite: Sendable {
  /// The file, as `Module/File.swift`.
  public let file: StaticString
  /// The line number in that file.
  public let line: UInt

  /// - Parameters:
  ///   - file: the file; leave it out to name the file of the caller.
  ///   - line: the line; leave it out to name the line of the caller.
  public init(_ file: StaticString = #fileID, _ line: UInt = #line) {
    self.file = file
    self.line = line
  }
}
