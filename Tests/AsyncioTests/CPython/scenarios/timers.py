"""The scenario of the chapter on the loop: nothing but time passes."""

import asyncio

from stage import Stage, named, recorder, scenario


@scenario
def timers():
    stage = Stage(turns=[])
    later = stage.loop.call_later
    alarm = later(0.5, named("alarm", recorder.note), "nobody hears this")
    later(0.25, named("callOff", alarm.cancel))
    later(0.25, named("tick", recorder.printed), "program", "tick")

    async def main():
        await asyncio.sleep(0.75)
        recorder.printed("program", "awake")

    stage.run(main())
