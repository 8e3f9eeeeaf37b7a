// One import for programs that want the whole house.
@_exported public import EventLoops
@_exported public import Selectors
@_exported public import SocketOperations
@_exported public import Sockets
@_exported public import Streams
@_exported public import Transports
