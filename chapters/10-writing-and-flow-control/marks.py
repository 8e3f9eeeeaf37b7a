# Chapter 10: how often a protocol is paused, with two water marks and with one. Ten
# megabytes, written a thousand bytes at a time through a narrow socket.
import asyncio
import socket


class Talker(asyncio.Protocol):
    left = 10_000
    pauses = 0
    may_write = True

    def __init__(self, high, low):
        self.marks = high, low

    def connection_made(self, transport):
        self.transport = transport
        high, low = self.marks
        transport.set_write_buffer_limits(high=high, low=low)

    def talk(self):
        while self.may_write and self.left > 0:
            self.left -= 1
            self.transport.write(bytes(1000))

    def pause_writing(self):
        self.pauses += 1
        self.may_write = False

    def resume_writing(self):
        self.may_write = True
        self.talk()


async def main():
    for high, low in (65536, 16384), (65536, 65536):
        mine, peer = socket.socketpair()
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        mine.setblocking(False)
        peer.setblocking(False)
        transport, talker = await asyncio.get_running_loop().create_connection(
            lambda: Talker(high, low), sock=mine)
        talker.talk()
        while talker.left or transport.get_write_buffer_size():
            try:
                peer.recv(4096)
            except BlockingIOError:
                pass
            await asyncio.sleep(0)
        print(f"high {high}, low {low}: paused {talker.pauses} times")
        transport.abort()


asyncio.run(main())
