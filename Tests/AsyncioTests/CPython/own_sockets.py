"""The sockets of somebody's own program: Python's, which tell what they are asked.

What the vocabulary of a trace has no word for, a datagram for instance, is told as a
note.
"""

import os
import socket

import kernel
from recorder import recorder, size, size_of, words

Plain = socket.socket
FAMILIES = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6", socket.AF_UNIX: "unix"}
DIRECTIONS = {
    socket.SHUT_RD: "read", socket.SHUT_WR: "write", socket.SHUT_RDWR: "both",
}  # fmt: skip
OPTIONS = {
    (socket.SOL_SOCKET, socket.SO_ERROR): "error",
    (socket.SOL_SOCKET, socket.SO_REUSEADDR): "reuseAddress",
    (socket.SOL_SOCKET, socket.SO_REUSEPORT): "reusePort",
    (socket.SOL_SOCKET, socket.SO_SNDBUF): "sendBuffer",
    (socket.SOL_SOCKET, socket.SO_RCVBUF): "receiveBuffer",
    (socket.IPPROTO_TCP, socket.TCP_NODELAY): "noDelay",
    (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY): "ipv6Only",
}


def count_of(data):
    return memoryview(data).nbytes


class Socket(kernel.Socket, Plain):
    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        if fileno is not None:
            Plain.__init__(self, family, type, proto, fileno)
            return
        asked = socket.AF_INET if family == -1 else family
        is_stream = type == -1 or type & 15 == socket.SOCK_STREAM

        def make():
            Plain.__init__(self, family, type, proto)

        if is_stream and asked in FAMILIES:
            recorder.call(
                "socket", {"family": FAMILIES[asked]}, make,
                lambda _: recorder.opened(self.fileno(), "socket"))  # fmt: skip
        else:
            make()
            kind = "socket" if is_stream else f"{self.type.name[5:].lower()} socket"
            name = recorder.opened(self.fileno(), kind)
            recorder.note(f"{name} is opened ({self.family.name})")

    @property
    def real(self):
        return super(kernel.Socket, self)

    @property
    def told_as(self):
        fd = self.real.fileno()
        if fd >= 0 and fd not in recorder.names:
            recorder.opened(fd, "socket")  # one of a pair, or it came with a number
        return recorder.names[fd]

    def tell(self, event, function, answer=lambda result: "0", **fields):
        return recorder.call(event, {"fd": self.told_as, **fields}, function, answer)

    def aside(self, call, function, answer=lambda result: "0"):
        """For what is no step, for want of a word."""
        name = self.told_as
        try:
            result = function()
        except OSError as error:
            recorder.note(f"{call} of {name} → {words(error)}")
            raise
        recorder.note(f"{call} of {name} → {answer(result)}")
        return result

    def accept(self):
        def adopt(result):
            return recorder.opened(result[0].fileno(), "connection")

        return self.tell("accept", self.real.accept, adopt)

    def reach(self, event, function, address, answer=lambda result: "0"):
        text = place(self, address)
        if text is None:
            return self.aside(f"{event} {address!r}", function, answer)
        return self.tell(event, function, answer, address=text)

    def bind(self, address):
        self.reach("bind", lambda: self.real.bind(address), address)

    def connect(self, address):
        self.reach("connect", lambda: self.real.connect(address), address)

    def connect_ex(self, address):
        def answer(number):
            return kernel.errno.errorcode[number] if number else "0"

        function = self.real.connect_ex
        return self.reach("connect", lambda: function(address), address, answer)

    def listen(self, *backlog):
        told = backlog[0] if backlog else min(socket.SOMAXCONN, 128)
        self.tell("listen", lambda: self.real.listen(*backlog), backlog=told)

    def recv(self, limit, *flags):
        receive = self.real.recv
        return self.tell("recv", lambda: receive(limit, *flags), size_of, limit=limit)

    def recv_into(self, buffer, nbytes=0, flags=0):
        receive, limit = self.real.recv_into, nbytes or count_of(buffer)
        return self.tell(
            "recv", lambda: receive(buffer, nbytes, flags), size, limit=limit)

    def send(self, data, *flags):
        send = self.real.send
        return self.tell("send", lambda: send(data, *flags), size, count=count_of(data))

    def sendall(self, data, *flags):
        send, count = self.real.sendall, size(count_of(data))
        return self.aside("sendall", lambda: send(data, *flags), lambda _: count)

    def sendmsg(self, chunks, *rest):
        chunks = list(chunks)
        counts = [count_of(chunk) for chunk in chunks]
        send = self.real.sendmsg
        return self.tell("sendmsg", lambda: send(chunks, *rest), size, counts=counts)

    def sendto(self, data, *rest):
        send = self.real.sendto
        return self.aside(f"sendto {rest[-1]}", lambda: send(data, *rest), size)

    def recvfrom(self, *arguments):
        def answer(result):
            return f"{size_of(result[0])} from {result[1]}"

        receive = self.real.recvfrom
        return self.aside("recvfrom", lambda: receive(*arguments), answer)

    def recvfrom_into(self, *arguments):
        def answer(result):
            return f"{size(result[0])} from {result[1]}"

        receive = self.real.recvfrom_into
        return self.aside("recvfrom", lambda: receive(*arguments), answer)

    def shutdown(self, how):
        function, direction = self.real.shutdown, DIRECTIONS.get(how, "both")
        self.tell("shutdown", lambda: function(how), direction=direction)

    def getsockopt(self, level, option, *length):
        function = self.real.getsockopt
        name = OPTIONS.get((level, option))
        if name is None or length:
            return function(level, option, *length)

        def answer(result):
            if name == "error" and result:
                return kernel.errno.errorcode[result]
            return str(result)

        return self.tell(
            "getsockopt", lambda: function(level, option), answer, option=name)

    def setsockopt(self, level, option, *value):
        function = self.real.setsockopt
        name = OPTIONS.get((level, option))
        if name is None or not isinstance(value[0], int):
            what = f"option {int(option)} of level {int(level)}"
            self.aside(f"setsockopt, {what},", lambda: function(level, option, *value))
            return
        self.tell(
            "setsockopt", lambda: function(level, option, *value), option=name,
            value=int(value[0]))  # fmt: skip

    def setblocking(self, blocking):
        function = self.real.setblocking
        self.tell("setBlocking", lambda: function(blocking), blocking=bool(blocking))

    def settimeout(self, timeout):
        function = self.real.settimeout  # with a limit Python does the waiting
        self.tell("setBlocking", lambda: function(timeout), blocking=timeout is None)

    def getsockname(self):
        function = self.real.getsockname
        return self.tell("getsockname", function, self.said)

    def getpeername(self):
        function = self.real.getpeername
        return self.tell("getpeername", function, self.said)

    def said(self, address):
        return place(self, address) or "an unnamed socket"

    def close(self):
        fd = self.real.fileno()
        if fd < 0 or self._io_refs > 0:  # a file of it is open
            self.real.close()
            return
        self.tell("close", self.real.close)
        recorder.names.pop(fd, None)  # the kernel gives it to somebody else


# A program that prints one sees what it would see otherwise.
Socket.__name__ = Socket.__qualname__ = "socket"
Socket.__module__ = "socket"


def place(one, address):
    """An address as a trace has it; `None` for one that it cannot have."""
    if one.family == socket.AF_UNIX:
        path = os.fsdecode(address or "")
        if not path or path.startswith("\0"):
            return None
        return os.path.abspath(path)
    if one.family not in FAMILIES:
        return None
    host, port = address[:2]
    try:
        if not host:
            host = "::" if one.family == socket.AF_INET6 else "0.0.0.0"
        else:
            # A name, which `connect` itself would look up.
            host = socket.getaddrinfo(host, port, one.family)[0][4][0].split("%")[0]
    except (OSError, UnicodeError):
        return None
    return f"[{host}]:{port}" if one.family == socket.AF_INET6 else f"{host}:{port}"


def self_pipe():
    """What `socketpair` gives to a loop for its self-pipe, of which only the
    registration is told, and what comes from outside."""
    ends = socket.socketpair()
    plain = [Plain(one.family, one.type, one.proto, one.detach()) for one in ends]
    recorder.counts["self-pipe"] += 1
    count = recorder.counts["self-pipe"]
    name = "self-pipe" if count == 1 else f"self-pipe {count}"
    recorder.names[plain[0].fileno()] = name
    return plain
