# The same bytes, cut into two pieces in different places; a limit of 8. (M8)
import asyncio


async def lines(*pieces):
    reader = asyncio.StreamReader(limit=8)
    result = []
    for piece in pieces:
        reader.feed_data(piece)
        while b"\n" in reader._buffer or len(reader._buffer) > 8:
            try:
                result.append(await reader.readline())
            except ValueError:
                result.append("ValueError")
    return result


async def main():
    text = b"much too long\nok\n"
    for place in 17, 14, 10, 4:
        pieces = text[:place], text[place:]
        print(pieces, "->", await lines(*pieces))


asyncio.run(main())
