/// `walkthrough weave`: makes the chapters agree with the source and the traces.
func weaveChapters(isCheck: Bool) throws -> Int32 { 0 }
