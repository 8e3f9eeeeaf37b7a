import EventLoops
import SocketOperations
import Sockets
import TestSupport
import Testing
import Transports

