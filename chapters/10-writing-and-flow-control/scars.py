# Chapter 10, "Where do the bytes go when write does not wait?": what becomes of a few
# innocent programs under the asyncio of the Python that runs this.
import array
import asyncio
import socket
import sys
import time


class Diary(asyncio.Protocol):
    def __init__(self):
        self.entries = []
        self.on_resume = lambda: None

    def pause_writing(self):
        self.entries.append("pause")

    def resume_writing(self):
        self.entries.append("resume")
        self.on_resume()

    def connection_lost(self, error):
        self.entries.append(f"lost: {error}")


class Pair:
    """A transport on one end of a pair, and the other end."""

    async def make(self):
        loop = asyncio.get_event_loop()
        self.reports = []
        loop.set_exception_handler(
            lambda _, context: self.reports.append(repr(context["exception"])))
        mine, self.peer = socket.socketpair()
        mine.setblocking(False)
        self.peer.setblocking(False)
        self.transport, self.diary = await loop.create_connection(Diary, sock=mine)
        return self

    def take(self):
        """Reads what is there."""
        data = b""
        try:
            while True:
                piece = self.peer.recv(1_000_000)
                data += piece
                if not piece:
                    return data
        except (BlockingIOError, OSError):
            return data

    async def until_quiet(self):
        """Reads for a while."""
        data = b""
        for _ in range(60):
            data += self.take()
            await asyncio.sleep(0.001)
        return data


async def main():
    print("Python", sys.version.split()[0])

    pair = await Pair().make()
    pair.transport.writelines([bytes(200_000)] * 3)
    print("T6  far above the high water mark, the protocol hears:", pair.diary.entries)

    pair = await Pair().make()
    pair.transport.abort()
    await asyncio.sleep(0.01)
    try:
        pair.transport.writelines([b"x"])
        print("T7  writelines after the end: nothing happens")
    except Exception as error:
        print("T7  writelines after the end:", repr(error))

    pair = await Pair().make()
    pair.transport.writelines([b"hello", b""])
    pair.transport.close()
    await pair.until_quiet()
    print("T8  an empty piece, then close:", pair.diary.entries or "not closed")
    pair.transport.abort()

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))

    def write_once():
        pair.diary.on_resume = lambda: None
        pair.transport.write(bytes(1_000_000))

    pair.diary.on_resume = write_once
    pair.transport.close()
    received = len(await pair.until_quiet())
    print(f"T9  {received} of 2000000 bytes arrived, {len(pair.reports)} errors,",
          pair.diary.entries)
    if pair.diary.entries[-1] != "lost: None":
        pair.transport.abort()  # or it would go on complaining

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))
    pair.transport.close()
    await pair.until_quiet()
    try:
        pair.transport.abort()
        print("T10 abort after a close that flushed: nothing happens")
    except AttributeError as error:
        print("T10 abort after a close that flushed:", repr(error))

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))
    pair.diary.on_resume = pair.transport.close
    await pair.until_quiet()
    print("T10 closed in resume_writing:", pair.diary.entries, pair.reports)

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))

    def hang_up_and_write():
        pair.peer.close()
        pair.transport.write(b"x")

    pair.diary.on_resume = hang_up_and_write
    await pair.until_quiet()
    print("T10 broken in resume_writing:", pair.diary.entries, pair.reports)

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))
    begin = time.process_time()
    for _ in range(10_000):
        pair.transport.write(b"x")
    print(f"T11 10000 writes that wait: {time.process_time() - begin:.2f} s")
    pair.transport.abort()

    for first in (0, 1_000_000):
        pair = await Pair().make()
        if first:
            pair.transport.write(bytes(first))
        pair.transport.write(bytes(60_000_000))
        begin = time.process_time()
        while pair.transport.get_write_buffer_size():
            pair.take()
            await asyncio.sleep(0)
        print(f"S1  60 MB, behind {first} bytes: {time.process_time() - begin:.2f} s")

    pair = await Pair().make()
    pair.transport.write(memoryview(array.array("i", range(500_000))))
    pair.transport.close()
    received = len(await pair.until_quiet())
    print(f"S2  {received} of 2000000 bytes arrived,", pair.diary.entries)

    pair = await Pair().make()
    pair.transport.write(bytes(1_000_000))
    mine = bytearray(b"before")
    pair.transport.write(mine)
    mine[:] = b"after!"
    pair.transport.close()
    print("    changed after write, the peer gets:", (await pair.until_quiet())[-6:])


# (asyncio.run is younger than 3.6.)
asyncio.new_event_loop().run_until_complete(main())
