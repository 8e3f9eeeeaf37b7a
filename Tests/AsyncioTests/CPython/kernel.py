"""Sockets and an epoll object that tell what they are asked for and what they answer.

Those of the real kernel, or ones that follow a script, where a kernel cannot be made to
misbehave on demand.
"""

import errno
import functools
import socket

from recorder import recorder, size, size_of


class Socket:
    """A socket that tells what it is asked for, and what the answer is."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def tell(self, event, function, answer=lambda result: "0", **fields):
        name = recorder.names[self.real.fileno()]
        return recorder.call(event, {"fd": name, **fields}, function, answer)

    def accept(self):
        def adopt(result):
            return recorder.opened(result[0].fileno(), "connection")

        new, address = self.tell("accept", self.real.accept, adopt)
        return Socket(new), address

    def bind(self, address):
        self.tell("bind", lambda: self.real.bind(address), address=place(address))

    def connect(self, address):
        self.tell("connect", lambda: self.real.connect(address), address=place(address))

    def listen(self, backlog):
        self.tell("listen", lambda: self.real.listen(backlog), backlog=backlog)

    def recv(self, limit):
        return self.tell("recv", lambda: self.real.recv(limit), size_of, limit=limit)

    def send(self, data):
        return self.tell("send", lambda: self.real.send(data), size, count=len(data))

    def sendmsg(self, chunks):
        chunks = list(chunks)
        counts = [len(chunk) for chunk in chunks]
        send = functools.partial(self.real.sendmsg, chunks)
        return self.tell("sendmsg", send, size, counts=counts)

    def shutdown(self, how):
        direction = {socket.SHUT_RD: "read", socket.SHUT_WR: "write"}[how]
        self.tell("shutdown", lambda: self.real.shutdown(how), direction=direction)

    def getsockopt(self, level, option):
        def answer(result):
            return errno.errorcode[result] if result else "0"

        return self.tell(
            "getsockopt", lambda: self.real.getsockopt(level, option), answer,
            option=OPTIONS[option])  # fmt: skip

    def setsockopt(self, level, option, value):
        self.tell(
            "setsockopt", lambda: self.real.setsockopt(level, option, value),
            option=OPTIONS[option], value=int(value))  # fmt: skip

    def setblocking(self, blocking):
        set_it = functools.partial(self.real.setblocking, blocking)
        self.tell("setBlocking", set_it, blocking=blocking)

    def getsockname(self):
        return self.tell("getsockname", self.real.getsockname, host)

    def getpeername(self):
        return self.tell("getpeername", self.real.getpeername, host)

    def close(self):
        if self.real.fileno() >= 0:
            self.tell("close", self.real.close)


class ScriptedSocket:
    """A socket without a kernel: a script has the calls, and an answer for each."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(self, number, script):
        self.number = number
        self.script = script

    def fileno(self):
        return self.number

    def gettimeout(self):
        return 0.0

    def setblocking(self, blocking):
        pass

    def close(self):
        self.number = -1

    def __getattr__(self, name):
        def call(*args):
            wanted, number, answer = self.script.popleft()
            assert (wanted, number) == (name, self.number), f"{name} was not expected"
            if isinstance(answer, OSError):
                raise answer
            return answer

        return call


OPTIONS = {
    socket.SO_ERROR: "error",
    socket.SO_REUSEADDR: "reuseAddress",
    socket.TCP_NODELAY: "noDelay",
}


def host(address):
    return address[0] if address else "an unnamed socket"


def place(address):
    # The kernel's ports are other ones in every run.
    return f"{address[0]}:{address[1]}" if address[1] < 1024 else address[0]


def open_socket(family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0):
    def adopt(real):
        return recorder.opened(real.fileno(), "socket")

    make = functools.partial(socket.socket, family, type, proto)
    return Socket(recorder.call("socket", {"family": "ipv4"}, make, adopt))


class Epoll:
    """The epoll object that a selector works with."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def control(self, change, function, fd, events):
        fields = {"change": change, "fd": recorder.names[fd], "events": events}
        recorder.call("epollControl", {"epoll": "epoll", **fields}, function)

    def register(self, fd, events):
        self.control("add", lambda: self.real.register(fd, events), fd, events)

    def modify(self, fd, events):
        self.control("modify", lambda: self.real.modify(fd, events), fd, events)

    def unregister(self, fd):
        self.control("delete", lambda: self.real.unregister(fd), fd, 0)

    def poll(self, timeout, limit):
        if timeout != 0:
            recorder.idle()

        def answer(ready):
            order = {fd: place for place, fd in enumerate(recorder.names)}
            ready = sorted(ready, key=lambda one: order.get(one[0], len(order)))
            parts = [f"{recorder.names[fd]} {bits(events)}" for fd, events in ready]
            return ", ".join(parts) or "nothing"

        ask = functools.partial(self.real.poll, timeout, limit)
        milliseconds = -1 if timeout < 0 else round(timeout * 1000)
        fields = {"epoll": "epoll", "timeout": milliseconds}
        return recorder.call("epollWait", fields, ask, answer)


def bits(events):
    names = {1: "IN", 4: "OUT", 8: "ERR", 16: "HUP"}
    return "|".join(name for bit, name in names.items() if events & bit)
