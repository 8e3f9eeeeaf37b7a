# Two tasks, one reader. B is faster than A, once.
import asyncio


async def main():
    reader = asyncio.StreamReader()

    async def read(name):
        while True:
            data = await reader.read(100)
            print(name, "reads", data)
            if not data:
                print(name, "takes that for the end, and leaves")
                return

    a = asyncio.ensure_future(read("A"))
    await asyncio.sleep(0)  # A waits.
    b = asyncio.ensure_future(read("B"))  # B has not begun,
    reader.feed_data(b"one")  # and A has not woken up.
    await asyncio.sleep(0.1)
    reader.feed_data(b"two")
    reader.feed_eof()
    await asyncio.sleep(0.1)
    print("B has ended:", b.done(), " the reader:", reader)
    b.cancel()


asyncio.run(main())
