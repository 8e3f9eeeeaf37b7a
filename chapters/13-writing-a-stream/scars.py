# Chapter 13, "What does drain wait for?": what becomes of a few innocent programs under
# the asyncio of the Python that runs this.
import asyncio
import gc
import logging
import socket
import sys
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


async def pair():
    """A stream on one end of a pair, and the other end."""
    mine, peer = socket.socketpair()
    mine.setblocking(False)
    peer.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=mine)
    return reader, writer, peer


def received(sock):
    try:
        return sock.recv(1000)
    except BlockingIOError:
        return "nothing, and it is still connected"


async def many(loop, name, drain):
    """Writes to a peer that is gone, and counts the turns that others got."""
    _, writer, peer = await pair()
    turns = 0

    def other():
        nonlocal turns
        turns += 1
        loop.call_soon(other)

    loop.call_soon(other)
    peer.close()
    error = None
    for writes in range(1, 2001):
        try:
            writer.write(b"tick")
            await drain(writer)
        except OSError as caught:
            error = caught
            break
    print(f"M3  {name}: {writes} writes, {turns} turns for the others, {error!r}")


async def drain_of_2014(writer):
    # drain as it was: the same, without the yield.
    if writer._reader.exception() is not None:
        raise writer._reader.exception()
    await writer._protocol._drain_helper()


async def nothing(writer):
    pass


async def dead_peer(loop):
    await many(loop, "the old drain", drain_of_2014)
    await many(loop, "no drain at all", nothing)
    await many(loop, "today's drain", lambda writer: writer.drain())
    _, writer, peer = await pair()
    peer.close()
    for number in 1, 2, 3:
        try:
            writer.write(b"tick")
            await writer.drain()
        except OSError as error:
            print(f"    drain {number} raises {error!r}")


async def two_drains():
    _, writer, peer = await pair()
    writer.write(bytes(1_000_000))
    drains = [asyncio.ensure_future(writer.drain()) for _ in range(2)]
    await asyncio.sleep(0.01)
    while writer.transport.get_write_buffer_size():
        received(peer)
        await asyncio.sleep(0)
    print("M4  two drains:", await asyncio.gather(*drains, return_exceptions=True))


async def deaf_peer():
    _, writer, peer = await pair()
    writer.write(bytes(8_000_000))
    writer.close()
    other = asyncio.ensure_future(writer.wait_closed())
    try:
        await asyncio.wait_for(writer.wait_closed(), 0.1)
    except asyncio.TimeoutError:
        print("M6  wait_closed: the time is up")
    writer.transport.abort()
    await asyncio.sleep(0.1)
    for name, waiting in ("another task", other), ("asked again", writer.wait_closed()):
        try:
            await waiting
            print(f"M9  {name}: closed")
        except asyncio.CancelledError as error:
            print(f"M9  {name}: {error!r}")


class FullCloser(asyncio.StreamReaderProtocol):
    """As before 3.5: the end of the one half is the end of both."""

    def eof_received(self):
        super().eof_received()


async def answer_at_the_end(reader, writer):
    await reader.read()
    writer.write(b"reply")
    writer.close()


async def half_closed(loop):
    for name, kind in ("then", FullCloser), ("now", asyncio.StreamReaderProtocol):
        # start_server, by hand: it makes a reader and a protocol for each client.
        server = await loop.create_server(
            lambda: kind(asyncio.StreamReader(), answer_at_the_end), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"question")
        writer.write_eof()
        print(f"M7  the answer, {name}:", await reader.read())
        writer.close()
        server.close()


async def served(name, handler, reports):
    del reports[:]
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    client = socket.create_connection(server.sockets[0].getsockname())
    client.setblocking(False)
    await asyncio.sleep(0.05)
    print(f"    {name}: reports {reports}, the client reads", received(client))
    client.close()
    server.close()
    await asyncio.sleep(0.01)


async def handlers(loop):
    reports = []
    loop.set_exception_handler(
        lambda _, context: reports.append(repr(context["exception"])))

    async def fails(reader, writer):
        raise KeyError("mine")

    async def is_cancelled(reader, writer):
        raise asyncio.CancelledError

    async def forgets(reader, writer):
        pass

    def callback(reader, writer):
        raise KeyError("mine")

    await served("a task that fails", fails, reports)
    await served("a task that is cancelled", is_cancelled, reports)
    await served("a task that closes nothing", forgets, reports)
    await served("a callback that fails", callback, reports)


async def forgotten_writer(loop):
    mine, peer = socket.socketpair()

    async def connect():
        reader, writer = await asyncio.open_connection(sock=mine)
        return reader

    reader = await connect()
    gc.collect()
    await asyncio.sleep(0.01)
    try:
        peer.send(b"good morning\n")
    except OSError as error:
        print("    the peer:", repr(error))
    print("    without its writer, the reader reads", await reader.readline())


async def main():
    print("Python", sys.version.split()[0])
    loop = asyncio.get_running_loop()
    await dead_peer(loop)
    await two_drains()
    await deaf_peer()
    await half_closed(loop)
    await handlers(loop)
    await forgotten_writer(loop)


asyncio.run(main())
