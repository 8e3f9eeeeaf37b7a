# The document's client, with a second task in its loop. Does it ever get a turn?
import asyncio

exec(open("client.py").read().replace("asyncio.run(request())", ""))

async def tick():
    while True:
        print("tick")
        await asyncio.sleep(1)

async def both():
    asyncio.create_task(tick())
    await request()

asyncio.run(both())
