/// Programs as a reader may have them: what the documentation of asyncio shows, in our
/// words, and corners that a recorder may trip over. Each prints what it should.
let pythonPrograms: [(name: String, text: String, prints: [String])] = [
  (
    "queue",
    """
    import asyncio

    async def work(queue, done):
        while True:
            nap = await queue.get()
            await asyncio.sleep(nap)
            done.append(nap)
            queue.task_done()

    async def main():
        queue, done = asyncio.Queue(), []
        for number in range(6):
            queue.put_nowait(number / 500)
        workers = [asyncio.create_task(work(queue, done), name="same") for _ in "abc"]
        await queue.join()
        for one in workers:
            one.cancel()
        print(await asyncio.gather(*workers, return_exceptions=True) and len(done))

    asyncio.run(main(), debug=True)
    """, ["6"]
  ),
  (
    "streams",
    """
    import asyncio

    async def serve(reader, writer):
        async for line in reader:
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "localhost", 0)
        async with server:
            host, port = server.sockets[0].getsockname()[:2]
            reader, writer = await asyncio.open_connection(host, port)
            writer.writelines([b"a\\n", b"b\\n"])
            writer.write_eof()
            print(await reader.read())
            writer.close()
            await writer.wait_closed()

    asyncio.run(main())
    """, ["b'A\\nB\\n'"]
  ),
  (
    "protocols",
    """
    import asyncio

    class Echo(asyncio.Protocol):
        __slots__ = "transport",
        def connection_made(self, transport): self.transport = transport
        def data_received(self, data):
            self.transport.write(data)
            self.transport.close()

    class Ask(asyncio.BufferedProtocol):
        def __init__(self, lost): self.lost, self.buffer = lost, bytearray(9)
        def connection_made(self, transport): transport.write(b"hello")
        def get_buffer(self, hint): return self.buffer
        def buffer_updated(self, count): print(bytes(self.buffer[:count]))
        def connection_lost(self, error): self.lost.set_result(error)

    async def main():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", 0)
        place = server.sockets[0].getsockname()
        lost = loop.create_future()
        await loop.create_connection(lambda: Ask(lost), *place)
        print(await lost)
        server.close()

    asyncio.run(main())
    """, ["b'hello'", "None"]
  ),
  (
    "datagrams",
    """
    import asyncio

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport): self.transport = transport
        def datagram_received(self, data, place):
            self.transport.sendto(data[::-1], place)

    class Client(asyncio.DatagramProtocol):
        def __init__(self, answer): self.answer = answer
        def connection_made(self, transport): transport.sendto(b"abc")
        def datagram_received(self, data, place): self.answer.set_result(data)

    async def main():
        loop = asyncio.get_running_loop()
        server, _ = await loop.create_datagram_endpoint(
            Server, local_addr=("127.0.0.1", 0))
        answer = loop.create_future()
        client, _ = await loop.create_datagram_endpoint(
            lambda: Client(answer), remote_addr=server.get_extra_info("sockname"))
        print(await answer)
        client.close()
        server.close()

    asyncio.run(main())
    """, ["b'cba'"]
  ),
  (
    "unix",
    """
    import asyncio, os, tempfile

    async def serve(reader, writer):
        writer.write(await reader.readexactly(2))
        writer.close()

    async def main():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            server = await asyncio.start_unix_server(serve, path)
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"ab")
            print(await reader.read())
            writer.close()
            server.close()

    asyncio.run(main())
    """, ["b'ab'"]
  ),
  (
    "tasks",
    """
    import asyncio, sys

    async def one(value):
        await asyncio.sleep(0.001)
        return value

    async def main():
        try:
            await asyncio.wait_for(asyncio.shield(one(1)), 0)
        except asyncio.TimeoutError:
            print("late")
        done, _ = await asyncio.wait([asyncio.ensure_future(one(2))])
        print(done.pop().result())
        if sys.version_info >= (3, 11):
            async with asyncio.TaskGroup() as group, asyncio.timeout(100):
                group.create_task(one(3))
        if sys.version_info >= (3, 12):
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        print(await asyncio.create_task(one(4)))

    asyncio.run(main())
    """, ["late", "2", "4"]
  ),
  (
    "locks",
    """
    import asyncio

    async def main():
        lock, event, room = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(2)
        condition = asyncio.Condition()

        async def work(number):
            async with room, lock:
                await asyncio.sleep(0)
            await event.wait()
            async with condition:
                condition.notify_all()
            return number

        async def wait():
            async with condition:
                await condition.wait()

        waiter = asyncio.create_task(wait())
        asyncio.get_running_loop().call_later(0.002, event.set)
        print(sum(await asyncio.gather(*map(work, range(4)))))
        await waiter

    asyncio.run(main())
    """, ["6"]
  ),
  (
    "threads",
    """
    import asyncio, threading, time

    def slow():
        time.sleep(0.001)
        print("in a thread")
        return 5

    async def main():
        loop = asyncio.get_running_loop()
        print(await loop.run_in_executor(None, slow))
        future = loop.create_future()
        tell = lambda: loop.call_soon_threadsafe(future.set_result, 6)
        threading.Thread(target=tell).start()
        print(await future)

    asyncio.run(main())
    other = threading.Thread(target=lambda: asyncio.run(asyncio.sleep(0)))
    other.start()
    other.join()
    """, ["in a thread", "5", "6"]
  ),
  (
    "sockets",
    """
    import asyncio, socket

    async def main():
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        await loop.sock_sendall(ours, b"hello")
        buffer = bytearray(9)
        print(await loop.sock_recv_into(theirs, buffer))
        future = loop.create_future()
        loop.add_reader(theirs, lambda: future.set_result(theirs.recv(9)))
        ours.send(b"more")
        print(await future)
        loop.remove_reader(theirs)
        ours.close()
        theirs.close()
        with socket.socket() as lost:
            lost.settimeout(0.001)
            lost.bind(("", 0))
            lost.listen()
            try:
                lost.accept()
            except socket.timeout:
                print("nobody", repr(lost)[:14])

    asyncio.run(main())
    """, ["5", "b'more'", "nobody <socket.socket"]
  ),
  (
    "callbacks",
    """
    import asyncio, math, selectors

    class Callable:
        def __call__(self): print("called")

    loop = asyncio.SelectorEventLoop(selectors.PollSelector())
    loop.call_soon(Callable())
    loop.call_later(0.001, loop.stop)
    loop.call_later(math.inf, print).cancel()
    loop.run_forever()
    future = loop.create_future()
    nothing = lambda future: None
    future.add_done_callback(nothing)
    future.add_done_callback(nothing)
    print(future.remove_done_callback(nothing))
    loop.set_exception_handler(lambda loop, about: print(about["message"][:21]))
    loop.call_soon(lambda: 1 / 0)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    """, ["called", "2", "Exception in callback"]
  ),
]
