"""What every scenario needs: a loop that is watched, sockets on it, and the world."""

import asyncio
import collections
import errno
import json
import os
import socket

import kernel
import loop
from recorder import recorder

READ, WRITE = 1, 2
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__.replace("_", "-")] = function


class Stage:
    """What every scenario needs: a loop that is watched, and sockets on it."""

    def __init__(self, turns=None):
        self.peers = []  # everybody else; their calls are not the program's
        self.script = collections.deque()  # what the scripted sockets are asked for
        selector = loop.Selector() if turns is None else loop.ScriptedSelector(turns)
        self.loop = loop.Loop(selector)

    def run(self, main, name=None):
        self.loop.run_until_complete(self.loop.create_task(main, name=name))
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
            self.loop.run_until_complete(asyncio.wait([task]))
        self.loop.close()

    def socket(self, name):
        recorder.orders.append(name)
        made = kernel.open_socket()
        made.setblocking(False)
        return made

    def listener(self):
        recorder.orders.append("listener")
        listener = kernel.open_socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        listener.setblocking(False)
        self.place = listener.getsockname()
        return listener

    async def serve(self, factory):
        recorder.orders.append("listener")
        server = await self.loop.create_server(factory, "127.0.0.1", 0)
        self.place = server.sockets[0].getsockname()
        return server

    def scripted(self, number, name):
        recorder.names[number] = name
        return kernel.Socket(kernel.ScriptedSocket(number, self.script))

    def client(self, number):
        """What a scripted accept answers."""
        return kernel.ScriptedSocket(number, self.script), ("127.0.0.1", 50_001)

    def connection(self, name):
        """A connection to somebody in the world, made before the loop runs."""
        recorder.orders.append(name)
        made = kernel.open_socket()
        made.connect(self.listen())
        self.peers.append(self.other.accept()[0])
        made.setblocking(False)
        return made

    def narrow_connection(self):
        """Two Unix sockets. How much TCP has room for depends on the moment."""
        ours, theirs = socket.socketpair()
        self.peers.append(theirs)
        recorder.names[ours.fileno()] = "socket"
        return kernel.Socket(ours)

    def the_peer_reads(self):
        received = 0

        def read():
            nonlocal received
            count = len(self.peers[-1].recv(1_000_000))
            received += count
            recorder.note(
                f"the peer has read {received} bytes in all"
                if count else "the peer reads the end of the stream")  # fmt: skip
            if count:
                recorder.acts.append(read)

        recorder.acts.append(read)

    # The world

    def listen(self, backlog=100):
        self.other = socket.socket()
        self.other.bind(("127.0.0.1", 0))
        self.other.listen(backlog)
        return self.other.getsockname()

    def connect(self, place):
        self.peers.append(socket.create_connection(place))

    def a_client_connects(self):
        self.connect(self.place)
        recorder.note("a client connects; the kernel shakes hands with it by itself")

    def send(self, text, who="peer", told=None):
        self.peers[-1].sendall(text.encode())
        recorder.note(f"the {who} sends {told or text}")


def error(number):
    return OSError(number, os.strerror(number))


def named(label, function):
    """A callback that is called like ours, and not like the function."""

    def call(*args):
        return function(*args)

    call.__name__ = label
    return call


def shown(text):
    """As one would write it in a program, with its line ends to be seen."""
    return json.dumps(text.decode() if isinstance(text, bytes) else text)
