import asyncio, socket

class Greeter(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"hello")

async def close_after(turns):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Greeter, "127.0.0.1", 0)
    client = socket.create_connection(server.sockets[0].getsockname())
    for _ in range(turns):
        await asyncio.sleep(0)
    server.close()
    await asyncio.sleep(0.1)
    client.setblocking(False)
    try:
        print(turns, client.recv(5))
    except OSError as error:
        print(turns, error)

for turns in range(4):
    asyncio.run(close_after(turns))
