"""The scenarios of the chapters on streams."""

import asyncio
import errno
import functools

from stage import Stage, recorder, scenario, shown


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
