"""The scenarios of the chapter on sock_accept."""

import asyncio
import errno

from stage import READ, Stage, error, recorder, scenario


async def accept_one(stage, listener):
    connection, _ = await stage.loop.sock_accept(listener)
    connection.close()


@scenario
def accept():
    stage = Stage()
    listener = stage.listener()
    recorder.acts.append(stage.a_client_connects)
    stage.run(accept_one(stage, listener))


@scenario
def accept_ready():
    stage = Stage()
    listener = stage.listener()
    stage.a_client_connects()
    stage.run(accept_one(stage, listener))


@scenario
def accept_two():
    stage = Stage()
    listener = stage.listener()
    recorder.acts += [stage.a_client_connects] * 2

    async def main():
        for _ in range(2):
            await accept_one(stage, listener)

    stage.run(main())


@scenario
def accept_cancelled():
    stage = Stage()
    listener = stage.listener()

    async def main():
        waiting = stage.loop.create_task(accept_one(stage, listener))
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            listener.close()

    stage.run(main())


@scenario
def accept_spurious():
    stage = Stage(turns=[{}, {5: READ}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(6)),
    ]
    stage.run(accept_one(stage, stage.scripted(5, "listener")))


@scenario
def accept_again():
    stage = Stage(turns=[{}, {5: READ}, {5: READ}, {}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(6)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, stage.client(7)),
    ]
    listener = stage.scripted(5, "listener")

    async def main():
        for _ in range(2):
            await accept_one(stage, listener)

    stage.run(main())


@scenario
def accept_error():
    stage = Stage(turns=[{}, {5: READ}])
    stage.script += [
        ("accept", 5, error(errno.EMFILE)),
        ("accept", 5, error(errno.EAGAIN)),
        ("accept", 5, error(errno.ECONNABORTED)),
    ]
    listener = stage.scripted(5, "listener")

    async def main():
        for _ in range(2):
            try:
                await stage.loop.sock_accept(listener)
            except OSError as caught:
                recorder.note(f"the program catches {errno.errorcode[caught.errno]}")

    stage.run(main())
