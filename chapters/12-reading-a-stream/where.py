# A client that writes, a server that does not read. Where are the bytes, when the
# client has to wait?
import asyncio


async def main():
    async def serve(reader, writer):
        readers.append(reader)
        await hang_up.wait()
        writer.close()

    readers, hang_up = [], asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(*address)
    sent = 0
    while True:
        writer.write(bytes(10_000))
        sent += 10_000
        try:
            await asyncio.wait_for(writer.drain(), 0.5)
        except asyncio.TimeoutError:
            break
    # Private, and good enough for a look.
    there = len(readers[0]._buffer)
    here = writer.transport.get_write_buffer_size()
    print("in the server's reader:", there, readers[0])
    print("in the two kernels' buffers:", sent - there - here)
    print("in the client's transport:", here)
    writer.transport.abort()
    hang_up.set()
    server.close()


asyncio.run(main())
