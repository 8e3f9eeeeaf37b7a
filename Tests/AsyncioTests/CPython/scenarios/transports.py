"""The scenarios of the chapters on transports and on flow control."""

import asyncio
import functools
import socket

from stage import Stage, named, recorder, scenario


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
    factory = functools.partial(Goodbye, size=1_000_000)
    stage.run(connect_and_wait(stage, factory, sock), "main")
