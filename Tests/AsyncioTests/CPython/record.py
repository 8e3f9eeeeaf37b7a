#!/usr/bin/env python3
"""Records what CPython's asyncio does, step by step, in the words of the walkthrough.

    python3 record.py accept       # the steps of one scenario, a JSON object a line
    python3 record.py --all DIR    # all of them, a file each
    python3 record.py --list       # their names

The lines have the `kind`, `event` and `fields` of
`swift run walkthrough accept --json`, and besides the function of asyncio, the file and
the line in which it happened. What is committed in `3.13.0` was made by that version,
here in this directory:

    python3.13 record.py --all 3.13.0

The programs are in `scenarios`, under the names of those in
`Sources/StepThrough/Scenarios`. A new one is some ten lines there, a recording, and
perhaps an entry in `Sources/StepThrough/Comparison/Differences.swift`.

How one listens to asyncio without changing it: its sockets are in `kernel.py`, its loop
in `loop.py`, everything else in `objects.py`. Who hears all of it is in `recorder.py`.
`own.py` does the same with anybody's own program: `walkthrough python`.

Python 3.9 or newer, on Linux; nothing but the standard library.
"""

import asyncio
import gc
import itertools
import json
import os
import platform
import sys

sys.dont_write_bytecode = True  # this is somebody's source tree

from recorder import recorder  # noqa: E402
from scenarios import (  # noqa: E402, F401
    accept, chat, connect, receive, servers, streams, timers, transports,
)  # fmt: skip
from stage import SCENARIOS  # noqa: E402


def write(file, name):
    """Runs a scenario and writes down what was heard."""
    gc.collect()  # what the last scenario has left behind is not this one's business
    recorder.__init__()
    asyncio.tasks._task_name_counter = itertools.count(1).__next__
    SCENARIOS[name]()
    head = {"trace": 1, "name": name, "by": f"CPython {platform.python_version()}"}
    for line in [head, *recorder.lines]:
        print(json.dumps(line, separators=(",", ":")), file=file)


def main(arguments):
    gc.disable()  # it comes when it likes, and closes what was forgotten
    if arguments == ["--list"]:
        print(*SCENARIOS, sep="\n")
    elif arguments[:1] == ["--all"]:
        for name in SCENARIOS:
            with open(os.path.join(arguments[1], f"{name}.jsonl"), "w") as file:
                write(file, name)
    elif len(arguments) == 1 and arguments[0] in SCENARIOS:
        write(sys.stdout, arguments[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
