# Sends eight numbers of four bytes each. Does it come to an end?
import array, asyncio, socket

async def main():
    a, b = socket.socketpair()
    a.setblocking(False)
    numbers = memoryview(array.array("i", range(8)))
    await asyncio.get_running_loop().sock_sendall(a, numbers)

asyncio.run(asyncio.wait_for(main(), 1))
