"""The scenarios of the chapter on servers."""

import asyncio
import errno

from scenarios.transports import Echo, Goodbye
from stage import READ, Stage, error, named, recorder, scenario


@scenario
def server_close_race():
    stage = Stage()
    loop = stage.loop

    async def main():
        over = loop.create_future()
        server = await stage.serve(lambda: Echo(over))
        stage.a_client_connects()
        close = named("close the server", server.close)
        loop.call_soon(named("a turn later", lambda: loop.call_soon(close)))
        await server.wait_closed()

    stage.run(main(), "main")


@scenario
def server_out_of_descriptors():
    stage = Stage(turns=[{}, {}, {5: READ}])
    loop = stage.loop
    stage.script += [
        ("listen", 5, None),
        ("accept", 5, error(errno.EMFILE)),
        ("accept", 5, error(errno.ECONNABORTED)),
        ("accept", 5, stage.client(6)),
        ("accept", 5, error(errno.EAGAIN)),
        ("getsockname", 6, ("127.0.0.1", 9006)),
        ("setsockopt", 6, None),
        ("send", 6, 3),
    ]
    listener = stage.scripted(5, "listener")

    def hear(loop, context):
        recorder.note(f"the exception handler hears: {context['message']}")

    loop.set_exception_handler(hear)

    async def main():
        over = loop.create_future()
        server = await loop.create_server(lambda: Goodbye(over, 3), sock=listener)
        await asyncio.sleep(1)
        recorder.note("somebody hangs up elsewhere: there is a descriptor again")
        recorder.script.turns.append({5: READ})
        await over
        server.close()
        await server.wait_closed()

    stage.run(main(), "main")
