import Asyncio

// [opening.12]
func inPieces() throws {
  try run { loop in
    let reader = try StreamReader(loop: loop)
    try loop.createTask {
      for try await line in reader {
        print("line:", String(decoding: line.dropLast(), as: UTF8.self))
      }
    }
    for piece in ["to ", "be or", "\nnot to", " be\n"] {
      print("piece:", piece.debugDescription)
      try reader.feedData(Array(piece.utf8))
      try await loop.sleep(0)
    }
  }
}
