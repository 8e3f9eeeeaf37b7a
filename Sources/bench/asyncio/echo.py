"""The servers of Servers.swift on asyncio: echo.py asyncio|uvloop sock|protocol|streams|lines"""

import asyncio
import resource
import socket
import sys


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def lines(reader, writer):
    while await reader.readline():
        pass
    writer.close()


async def echo_sock(connection):
    loop = asyncio.get_running_loop()
    try:
        while data := await loop.sock_recv(connection, 65536):
            await loop.sock_sendall(connection, data)
    except ConnectionError:
        pass
    connection.close()


async def main(kind):
    loop = asyncio.get_running_loop()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    if kind == "sock":
        tasks = set()
        while True:
            connection, _ = await loop.sock_accept(listener)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = loop.create_task(echo_sock(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    if kind == "protocol":
        server = await loop.create_server(Echo, sock=listener, backlog=4096)
    else:
        handler = {"streams": echo, "lines": lines}[kind]
        server = await asyncio.start_server(handler, sock=listener, backlog=4096)
    await server.serve_forever()


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main(sys.argv[2]))
