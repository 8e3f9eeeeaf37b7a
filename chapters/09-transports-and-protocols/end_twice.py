# The peer ends the stream once. How often is it told? (T3, second act)
import asyncio, socket

class Asked(asyncio.Protocol):
    def eof_received(self):
        print("eof_received")
        return True  # keep the connection open, to answer

async def main():
    a, b = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(Asked, sock=a)
    b.shutdown(socket.SHUT_WR)
    await asyncio.sleep(0.1)
    print("is_reading() says", transport.is_reading(), "- pause, resume")
    transport.pause_reading()
    transport.resume_reading()
    await asyncio.sleep(0.1)
    transport.abort()
    b.close()

asyncio.run(main())
