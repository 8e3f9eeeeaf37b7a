# Half a line comes, and the one who waits for it gives up. Then the rest comes.
import asyncio


async def main():
    for name, count in ("readline", ()), ("readexactly", (12,)), ("read", ()):
        reader = asyncio.StreamReader()
        reader.feed_data(b"half a")
        try:
            await asyncio.wait_for(getattr(reader, name)(*count), 0.1)
        except asyncio.TimeoutError:
            pass
        reader.feed_data(b" line\n")
        reader.feed_eof()
        print(name, "gave up, and the next one reads", await reader.readline())


asyncio.run(main())
