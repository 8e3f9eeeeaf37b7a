import CLibrary

// The same three guests for each of the four servers. They have a thread of their own, in
// which they may wait as they like.

func visit(_ address: sockaddr_in) throws {
  // Ada is slow: she takes her time until somebody else has come.
  let ada = try comeTo(address)
  try listen("Ada", ada)
  print("Ada thinks about it")

  // Bo is quick, but he answers with nothing at first.
  let bo = try comeTo(address)
  if news(of: [bo], within: patience).isEmpty {
    print("Bo waits for two seconds, and nobody asks him")
  } else {
    print("Bo is asked meanwhile")
  }
  try tell("Ada", ada, "Ada")
  try listen("Ada", ada)
  try listen("Bo", bo)
  try tell("Bo", bo, " ")
  try listen("Bo", bo)
  try tell("Bo", bo, "Bo")
  try listen("Bo", bo)

  // Cy has a name that is too long for the server.
  let cy = try comeTo(address)
  try listen("Cy", cy)
  try tell("Cy", cy, "Cyriacus the Twenty-Seventh")
  if news(of: [cy], within: patience).isEmpty {
    print("Cy waits for two seconds, hears nothing, and leaves")
  } else {
    print("Cy is hung up on")
  }
  for guest in [ada, bo, cy] { hangUp(guest) }
}

/// In milliseconds: how long a guest waits for a word.
private let patience: Int32 = 2000

private func listen(_ name: String, _ fd: Int32) throws {
  print("\(name) hears \"\(try hear(fd))\"")
}

private func tell(_ name: String, _ fd: Int32, _ text: String) throws {
  print("\(name) says \"\(text)\"")
  try say(fd, text)
}
