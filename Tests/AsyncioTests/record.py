#!/usr/bin/env python3
"""Records what CPython's asyncio does, step by step, in the words of the walkthrough.

    python3 record.py accept       # the steps of one scenario, a JSON object a line
    python3 record.py --all DIR    # all of them, a file each
    python3 record.py --list       # their names

The lines have the `kind`, `event` and `fields` of `swift run walkthrough accept --json`,
and besides the function of asyncio, the file and the line in which it happened. This file
has the programs, which are those of `Sources/StepThrough/Scenarios`; how one listens to
asyncio is in `watched.py`.

Python 3.9 or newer, on Linux.
"""

import asyncio
import collections
import errno
import functools
import gc
import itertools
import json
import os
import platform
import socket
import sys

import watched
from watched import Socket, recorder

READ, WRITE = 1, 2
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__.replace("_", "-")] = function


class Stage:
    """What every scenario needs: a loop that is watched, and sockets on it."""

    def __init__(self, turns=None):
        self.peers = []  # everybody else; their calls are not the program's
        self.script = collections.deque()  # what the scripted sockets are asked for
        selector = watched.Selector() if turns is None else watched.ScriptedSelector(turns)
        self.loop = watched.Loop(selector)

    def run(self, main, name=None):
        self.loop.run_until_complete(self.loop.create_task(main, name=name))
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
            self.loop.run_until_complete(asyncio.wait([task]))
        self.loop.close()

    def socket(self, name):
        recorder.orders.append(name)
        made = watched.open_socket()
        made.setblocking(False)
        return made

    def listener(self):
        recorder.orders.append("listener")
        listener = watched.open_socket()
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
        return Socket(watched.ScriptedSocket(number, self.script))

    def client(self, number):
        """What a scripted accept answers."""
        return watched.ScriptedSocket(number, self.script), ("127.0.0.1", 50_001)

    def connection(self, name):
        """A connection to somebody in the world, made before the loop runs."""
        recorder.orders.append(name)
        made = watched.open_socket()
        made.connect(self.listen())
        self.peers.append(self.other.accept()[0])
        made.setblocking(False)
        return made

    def narrow_connection(self):
        """Two Unix sockets. How much TCP has room for depends on the moment."""
        ours, theirs = socket.socketpair()
        self.peers.append(theirs)
        recorder.names[ours.fileno()] = "socket"
        return Socket(ours)

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


# sock_accept


async def accept_one(stage, listener):
    connection, _ = await stage.loop.sock_accept(listener)
    connection.close()


@scenario
def accept():
    stage = Stage()
    listener = stage.listener()
    recorder.acts.append(stage.a_client_connects)
    stage.run(accept_one(stage, listener))


@scenario
def accept_ready():
    stage = Stage()
    listener = stage.listener()
    stage.a_client_connects()
    stage.run(accept_one(stage, listener))


@scenario
def accept_two():
    stage = Stage()
    listener = stage.listener()
    recorder.acts += [stage.a_client_connects] * 2

    async def main():
        for _ in range(2):
            await accept_one(stage, listener)

    stage.run(main())


@scenario
def accept_cancelled():
    stage = Stage()
    listener = stage.listener()

    async def main():
        waiting = stage.loop.create_task(accept_one(stage, listener))
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            listener.close()

    stage.run(main())


@scenario
def accept_spurious():
    stage = Stage(turns=[{}, {5: READ}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(6)),
    ]
    stage.run(accept_one(stage, stage.scripted(5, "listener")))


@scenario
def accept_again():
    stage = Stage(turns=[{}, {5: READ}, {5: READ}, {}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(6)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(7)),
    ]
    listener = stage.scripted(5, "listener")

    async def main():
        for _ in range(2):
            await accept_one(stage, listener)

    stage.run(main())


@scenario
def accept_error():
    stage = Stage(turns=[{}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EMFILE)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.ECONNABORTED)),
    ]
    listener = stage.scripted(5, "listener")

    async def main():
        for _ in range(2):
            try:
                await stage.loop.sock_accept(listener)
            except OSError as caught:
                recorder.note(f"the program catches {errno.errorcode[caught.errno]}")

    stage.run(main())


# sock_connect


@scenario
def connect():
    stage = Stage()
    place = stage.listen()
    client = stage.socket("client")

    async def main():
        await stage.loop.sock_connect(client, place)
        client.close()

    stage.run(main())


@scenario
def connect_refused():
    stage = Stage()
    client = stage.socket("client")

    async def main():
        try:
            await stage.loop.sock_connect(client, ("127.0.0.1", 1))
        except OSError as caught:
            recorder.note(f"the program catches {errno.errorcode[caught.errno]}")
            client.close()

    stage.run(main())


@scenario
def connect_in_progress():
    stage = Stage(turns=[{}, {}, {}, {5: WRITE}])
    stage.script += [("connect", 5, error(errno.EINTR)), ("getsockopt", 5, 0)]
    client = stage.scripted(5, "client")

    async def main():
        stage.loop.create_task(asyncio.sleep(0.25), name="ticker")
        await stage.loop.sock_connect(client, ("192.0.2.1", 80))

    stage.run(main())


@scenario
def connect_cancelled():
    stage = Stage()
    place = stage.listen(backlog=0)
    stage.connect(place)
    client = stage.socket("client")

    async def main():
        waiting = stage.loop.create_task(stage.loop.sock_connect(client, place))
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            client.close()

    stage.run(main())


# sock_recv and sock_sendall


@scenario
def recv():
    stage = Stage()
    sock = stage.connection("socket")

    def hang_up():
        stage.peers[-1].close()
        recorder.note("the peer hangs up")

    recorder.acts += [lambda: stage.send("hello"), hang_up]

    async def main():
        while await stage.loop.sock_recv(sock, 1024):
            pass
        sock.close()

    stage.run(main())


@scenario
def recv_cancel_retry():
    stage = Stage()
    sock = stage.connection("socket")
    recorder.acts.append(lambda: stage.send("hello"))

    async def main():
        first = stage.loop.create_task(stage.loop.sock_recv(sock, 10), name="first")
        await asyncio.sleep(0)
        second = stage.loop.create_task(stage.loop.sock_recv(sock, 10), name="second")
        first.cancel()
        await second
        sock.close()

    stage.run(main(), "main")


@scenario
def sendall_partial():
    stage = Stage()
    sock = stage.narrow_connection()
    sock.setblocking(False)
    message = b"x" * 1_000_000
    received = 0

    def read():
        nonlocal received
        received += len(stage.peers[-1].recv(1_000_000))
        recorder.note(f"the peer has read {received} of {len(message)} bytes")
        if received < len(message):
            recorder.acts.append(read)

    recorder.acts.append(read)

    async def main():
        await stage.loop.sock_sendall(sock, message)
        sock.close()

    stage.run(main())


# Nothing but time


@scenario
def timers():
    stage = Stage(turns=[])
    alarm = stage.loop.call_later(0.5, named("alarm", recorder.note), "nobody hears this")
    stage.loop.call_later(0.25, named("callOff", alarm.cancel))
    stage.loop.call_later(0.25, named("tick", recorder.printed), "program", "tick")

    async def main():
        await asyncio.sleep(0.75)
        recorder.printed("program", "awake")

    stage.run(main())


# The source document's server and client


@scenario
def chat():
    stage = Stage()
    loop = stage.loop
    listener = stage.listener()
    client = stage.socket("client")
    handler = None

    async def handle_client(connection, address):
        message = ""
        while message != "quit":
            data = await loop.sock_recv(connection, 1024)
            if not data:
                break
            message = data.decode()
            recorder.printed("server", f"got from {address}: {message}")
            await loop.sock_sendall(connection, b"got message")
        connection.close()

    async def serve():
        nonlocal handler
        while True:
            connection, address = await loop.sock_accept(listener)
            recorder.printed("server", f"connected to client:  {address}")
            handler = loop.create_task(handle_client(connection, address), name="handler")

    async def talk():
        await loop.sock_connect(client, stage.place)
        for message in ["ack from client connect success", "hello world", "quit"]:
            await loop.sock_sendall(client, message.encode())
            if message == "quit":
                break
            answer = await loop.sock_recv(client, 1024)
            recorder.printed("client", answer.decode())
        client.close()
        await handler
        server.cancel()

    server = loop.create_task(serve(), name="server")
    stage.run(talk(), "client")


# Transports


class Echo(asyncio.Protocol):
    """Sends back what it gets."""

    def __init__(self, over):
        self.over = over

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def connection_lost(self, error):
        self.over.set_result(None)


class Answer(Echo):
    """Answers when the whole question is there, and that is when it has ended."""

    def data_received(self, data):
        pass

    def eof_received(self):
        self.over.get_loop().call_soon(named("answer", self.answer))
        return True

    def answer(self):
        self.transport.write(b"42")
        self.transport.close()


class Talker(Echo):
    """Has much to say, and stops to say it when it is asked to."""

    left = 6
    may_write = True

    def connection_made(self, transport):
        self.transport = transport
        self.talk()

    def talk(self):
        while self.may_write and self.left:
            self.left -= 1
            self.transport.write(bytes(100_000))
        if not self.left:
            self.transport.close()

    def pause_writing(self):
        self.may_write = False

    def resume_writing(self):
        self.may_write = True
        self.talk()


class Goodbye(Echo):
    """Says one thing and hangs up."""

    def __init__(self, over, size):
        self.over = over
        self.size = size

    def connection_made(self, transport):
        transport.write(bytes(self.size))
        transport.close()


async def connect_and_wait(stage, factory, sock):
    over = stage.loop.create_future()
    await stage.loop.create_connection(lambda: factory(over), sock=sock)
    await over


@scenario
def transport_echo():
    stage = Stage()
    loop = stage.loop

    def end():
        data = stage.peers[-1].recv(100)
        recorder.note(f"the client reads {data.decode()}")
        stage.peers[-1].close()
        recorder.note("the client hangs up")

    recorder.acts += [
        stage.a_client_connects, lambda: stage.send("hello", "client"), end,
    ]  # fmt: skip

    async def main():
        over = loop.create_future()
        server = await stage.serve(lambda: Echo(over))
        await over
        server.close()
        await server.wait_closed()

    stage.run(main(), "main")


@scenario
def transport_half_close():
    stage = Stage()
    sock = stage.connection("socket")

    def ask():
        stage.peers[-1].sendall(b"what is it?")
        stage.peers[-1].shutdown(socket.SHUT_WR)
        recorder.note("the peer asks, and ends its half of the conversation")

    recorder.acts.append(ask)
    stage.run(connect_and_wait(stage, Answer, sock), "main")


@scenario
def transport_backpressure():
    stage = Stage()
    sock = stage.narrow_connection()
    stage.the_peer_reads()
    stage.run(connect_and_wait(stage, Talker, sock), "main")


@scenario
def transport_close_while_buffered():
    stage = Stage()
    sock = stage.narrow_connection()
    stage.the_peer_reads()
    stage.run(connect_and_wait(stage, lambda over: Goodbye(over, 1_000_000), sock), "main")


# Servers


@scenario
def server_close_race():
    stage = Stage()
    loop = stage.loop

    async def main():
        over = loop.create_future()
        server = await stage.serve(lambda: Echo(over))
        stage.a_client_connects()
        close = named("close the server", server.close)
        loop.call_soon(named("a turn later", lambda: loop.call_soon(close)))
        await server.wait_closed()

    stage.run(main(), "main")


@scenario
def server_out_of_descriptors():
    stage = Stage(turns=[{}, {}, {5: READ}])
    loop = stage.loop
    stage.script += [
        ("listen", 5, None),
        ("accept", 5, error(errno.EMFILE)),
        ("accept", 5, error(errno.ECONNABORTED)),
        ("accept", 5, stage.client(6)),
        ("accept", 5, error(errno.EAGAIN)),
        ("getsockname", 6, ("127.0.0.1", 9006)),
        ("setsockopt", 6, None),
        ("send", 6, 3),
    ]
    listener = stage.scripted(5, "listener")
    loop.set_exception_handler(
        lambda _, context: recorder.note(f"the exception handler hears: {context['message']}"))

    async def main():
        over = loop.create_future()
        server = await loop.create_server(lambda: Goodbye(over, 3), sock=listener)
        await asyncio.sleep(1)
        recorder.note("somebody hangs up elsewhere: there is a descriptor again")
        recorder.script.turns.append({5: READ})
        await over
        server.close()
        await server.wait_closed()

    stage.run(main(), "main")


# Streams


def shown(text):
    return json.dumps(text.decode() if isinstance(text, bytes) else text)


def the_peer_sends(stage, *pieces):
    for piece in pieces:
        recorder.acts.append(functools.partial(stage.send, piece, told=shown(piece)))


def tell(line):
    recorder.note(f"the program has read {shown(line)}")


async def hang_up(writer):
    writer.close()
    await writer.wait_closed()


@scenario
def stream_readline():
    stage = Stage()
    sock = stage.connection("socket")
    the_peer_sends(stage, "to ", "be or\nnot", " to be\n")

    async def main():
        reader, writer = await asyncio.open_connection(sock=sock)
        for _ in range(2):
            tell(await reader.readline())
        await hang_up(writer)

    stage.run(main(), "main")


@scenario
def stream_limit():
    stage = Stage()
    sock = stage.connection("socket")
    the_peer_sends(stage, "this line is too long", ", much\nok\n")

    async def main():
        reader, writer = await asyncio.open_connection(sock=sock, limit=8)
        try:
            await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as caught:
            recorder.note(f"readuntil throws: {caught}")
        try:
            await reader.readline()
        except ValueError as caught:
            recorder.note(f"readline throws: {caught}")
        for _ in range(2):
            tell(await reader.readline())
        await hang_up(writer)

    stage.run(main(), "main")


@scenario
def stream_readexactly_paused():
    stage = Stage()
    sock = stage.connection("socket")
    the_peer_sends(stage, "0123456789", "abcdefghij")

    async def main():
        reader, writer = await asyncio.open_connection(sock=sock, limit=4)
        tell(await reader.readexactly(20))
        await hang_up(writer)

    stage.run(main(), "main")


@scenario
def stream_drain():
    stage = Stage()
    sock = stage.narrow_connection()
    stage.the_peer_reads()

    async def main():
        _, writer = await asyncio.open_connection(sock=sock)
        for number in range(1, 4):
            writer.write(bytes(120_000))
            await writer.drain()
            left = writer.transport.get_write_buffer_size()
            recorder.note(f"drain {number} is over, with {left} bytes in the buffer")
        await hang_up(writer)

    stage.run(main(), "main")


@scenario
def stream_drain_dead_peer():
    stage = Stage()
    sock = stage.narrow_connection()

    async def main():
        _, writer = await asyncio.open_connection(sock=sock)
        stage.peers[-1].close()
        recorder.note("the peer hangs up, and nobody has told us")
        try:
            while True:
                writer.write(b"tick")
                await writer.drain()
        except OSError as caught:
            name = errno.errorcode[caught.errno or errno.ECONNRESET]
            recorder.note(f"the loop of write and drain ends: {name}")

    stage.run(main(), "main")


@scenario
def stream_echo():
    stage = Stage()

    async def echo(reader, writer):
        async for line in reader:
            writer.write(line)
            await writer.drain()
        await hang_up(writer)

    async def main():
        recorder.orders.append("listener")
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        recorder.orders.append("client's socket")
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"hello\n")
        await writer.drain()
        tell(await reader.readline())
        await hang_up(writer)
        server.close()
        await server.wait_closed()

    stage.run(main(), "client")


def write(file, name):
    """Runs a scenario and writes down what was heard."""
    gc.collect()  # what the last scenario has left behind is none of this one's business
    recorder.__init__()
    asyncio.tasks._task_name_counter = itertools.count(1).__next__
    SCENARIOS[name]()
    head = {"scenario": name, "python": platform.python_version()}
    for line in [head, *recorder.lines]:
        print(json.dumps(line, separators=(",", ":")), file=file)


def main(arguments):
    gc.disable()  # it comes when it likes, and closes what was forgotten
    if arguments == ["--list"]:
        print(*SCENARIOS, sep="\n")
    elif arguments[:1] == ["--all"]:
        for name in SCENARIOS:
            with open(os.path.join(arguments[1], f"{name}.jsonl"), "w") as file:
                write(file, name)
    elif len(arguments) == 1 and arguments[0] in SCENARIOS:
        write(sys.stdout, arguments[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
