"""The scenarios of the chapter on sock_connect."""

import asyncio
import errno

from stage import WRITE, Stage, error, recorder, scenario


@scenario
def connect():
    stage = Stage()
    place = stage.listen()
    client = stage.socket("client")

    async def main():
        await stage.loop.sock_connect(client, place)
        client.close()

    stage.run(main())


@scenario
def connect_refused():
    stage = Stage()
    client = stage.socket("client")

    async def main():
        try:
            await stage.loop.sock_connect(client, ("127.0.0.1", 1))
        except OSError as caught:
            recorder.note(f"the program catches {errno.errorcode[caught.errno]}")
            client.close()

    stage.run(main())


@scenario
def connect_in_progress():
    stage = Stage(turns=[{}, {}, {}, {5: WRITE}])
    stage.script += [("connect", 5, error(errno.EINTR)), ("getsockopt", 5, 0)]
    client = stage.scripted(5, "client")

    async def main():
        stage.loop.create_task(asyncio.sleep(0.25), name="ticker")
        await stage.loop.sock_connect(client, ("192.0.2.1", 80))

    stage.run(main())


@scenario
def connect_cancelled():
    stage = Stage()
    place = stage.listen(backlog=0)
    stage.connect(place)
    client = stage.socket("client")

    async def main():
        waiting = stage.loop.create_task(stage.loop.sock_connect(client, place))
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            client.close()

    stage.run(main())
