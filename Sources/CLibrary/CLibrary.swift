// The system's C library, under one name. Each system calls its own differently; whoever
// needs `send` or `errno` imports this module, and need not know where it runs.
//
// `@_exported`: what is imported here is seen by everybody who imports this module.
// (`CLibrary.send` is the C function, where a method has taken the short name.)

#if os(Linux)
  @_exported import CLinux
  #if canImport(Musl)
    @_exported import Musl
  #else
    @_exported import Glibc
  #endif
#elseif os(macOS)
  @_exported import Darwin
#else
  #error(
    "This package runs on Linux and on macOS. Elsewhere, its development container does."
  )
#endif
