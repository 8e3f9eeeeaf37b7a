"""Asks asyncio's own StreamReader: random cases and what comes of them, a line each.

    python3 Tests/ReadingTests/Oracle/record.py > Tests/ReadingTests/Oracle/cases.txt

Python 3.9 or newer; all versions up to 3.13 write the same. Another seed and another
number of cases may follow. The first line holds the two. Then for instance

    3 uab&+ba>2w +b>0;0=bab e2>0w $>0;0i/2 |

is a reader with the limit 3. What stands before a `>` happens in one turn of the loop:

    +ba  bytes come in; `.` is a newline    uab  readuntil(b"ab")
    $    the stream ends                    l    readline()
    !    bad news: set_exception            e2   readexactly(2)
    x0   the first call is cancelled        r2   read(2)

Behind it stands what there is to see when everything has come to rest: how many bytes
are in the buffer, `w` if somebody waits, `p` if the transport is paused; and how calls
ended, in that order (`0` is the first call of the case):

    ;0=bab   with these bytes               ;0v  ValueError
    ;0i/2    IncompleteReadError, with its  ;0r  RuntimeError: somebody else waits
             partial bytes / expected size  ;0c  CancelledError
    ;0o3     LimitOverrunError, consumed    ;0!  the bad news

The last word of a line are the bytes that are left.
"""

import asyncio
import random
import sys

DEFAULT_SEED, DEFAULT_COUNT = 74116, 5000


class Generator:
    """Makes cases. It knows nothing of readers, and not how a case will go."""

    def __init__(self, seed):
        # Of all that a Random can do, only random() promises the same numbers in every
        # version of Python.
        self.random = random.Random(seed).random

    def number(self, low, high):
        return low + int(self.random() * (high + 1 - low))

    def happens(self, percent):
        return self.random() * 100 < percent

    def letters(self, count, alphabet):
        return "".join(alphabet[self.number(0, len(alphabet) - 1)] for _ in range(count))

    def case(self):
        """A limit, and the turns: lists of steps."""
        self.calls = 0
        self.is_over = False
        # Two letters: half of a separator is everywhere, and so is its beginning in
        # its own middle.
        self.separator = self.letters(self.number(1, 4), "ab")
        limit = self.number(1, 7)
        return limit, [self.turn(limit) for _ in range(self.number(3, 7))]

    def turn(self, limit):
        """What happens in one turn, always in this order.

        Two orders are left out, because asyncio goes wrong there, and ours does not
        follow: bytes and then bad news, and a new call before the bytes for which
        another one waits. Both have tests of their own.
        """
        steps = []
        if self.happens(3):
            steps.append("!")
        self.cancel(6, steps)
        if not self.is_over and self.happens(65):
            steps += ["+" + self.piece() for _ in range(1 + self.happens(20))]
        if self.happens(8):
            self.is_over = True
            steps.append("$")
        self.cancel(4, steps)
        if not steps or self.happens(35):
            steps.append(self.call(limit))
            self.calls += 1
        return steps

    def cancel(self, percent, steps):
        if self.calls and self.happens(percent):
            steps.append(f"x{self.number(0, self.calls - 1)}")

    def piece(self):
        """Some bytes, often with a piece of the separator at the end; sometimes none."""
        letters = self.letters(self.number(0, 4), "ab" if self.happens(70) else "ab.")
        return letters + self.separator[: self.number(0, 5)] * self.happens(50)

    def call(self, limit):
        kind = self.number(1, 20)
        if kind <= 9:
            # Once in a while none at all, which is refused.
            return "u" + self.separator[: 99 * (not self.happens(2))]
        if kind <= 13:
            return "l"
        name = "e" if kind <= 17 else "r"
        # Around the limit and around twice the limit is where something may happen.
        return name + str(self.number(-1, 2 * limit + 2))


class Transport:
    """What a reader wants of a transport."""

    is_paused = False

    def pause_reading(self):
        assert not self.is_paused
        self.is_paused = True

    def resume_reading(self):
        assert self.is_paused
        self.is_paused = False


class BadNews(Exception):
    pass


class Replay:
    """One case on a reader of asyncio's."""

    def __init__(self, limit):
        self.reader = asyncio.StreamReader(limit, asyncio.get_running_loop())
        self.transport = Transport()
        self.reader.set_transport(self.transport)
        self.tasks = []
        self.endings = ""

    def step(self, step):
        name, argument = step[0], step[1:]
        if name == "+":
            self.reader.feed_data(encode(argument))
        elif name == "$":
            self.reader.feed_eof()
        elif name == "!":
            self.reader.set_exception(BadNews())
        elif name == "x":
            self.tasks[int(argument)].cancel()
        else:
            call = self.call(len(self.tasks), name, argument)
            self.tasks.append(asyncio.ensure_future(call))

    async def call(self, number, name, argument):
        ending = await self.ending(name, argument)
        self.endings += f";{number}{ending}"

    async def ending(self, name, argument):
        try:
            if name == "u":
                data = await self.reader.readuntil(encode(argument))
            elif name == "l":
                data = await self.reader.readline()
            elif name == "e":
                data = await self.reader.readexactly(int(argument))
            else:
                data = await self.reader.read(int(argument))
            return "=" + decode(data)
        except asyncio.IncompleteReadError as error:
            expected = "" if error.expected is None else error.expected
            return f"i{decode(error.partial)}/{expected}"
        except asyncio.LimitOverrunError as error:
            return f"o{error.consumed}"
        except ValueError:
            return "v"
        except RuntimeError:
            return "r"
        except asyncio.CancelledError:
            return "c"
        except BadNews:
            return "!"

    async def rest(self):
        """Turns, until nothing is queued: a call needs two at the most."""
        for _ in range(6):
            await asyncio.sleep(0)

    def sight(self):
        endings, self.endings = self.endings, ""
        waits = "w" if self.reader._waiter else ""
        paused = "p" if self.transport.is_paused else ""
        return f"{len(self.reader._buffer)}{waits}{paused}{endings}"


def encode(text):
    return text.replace(".", "\n").encode()


def decode(data):
    return data.decode().replace("\n", ".")


async def record(seed, count):
    print(seed, count)
    generator = Generator(seed)
    for _ in range(count):
        limit, turns = generator.case()
        replay = Replay(limit)
        words = [str(limit)]
        for steps in turns:
            for step in steps:
                replay.step(step)
            await replay.rest()
            words.append("&".join(steps) + ">" + replay.sight())
        words.append("|" + decode(replay.reader._buffer))
        print(*words)
        for task in replay.tasks:
            task.cancel()
        await replay.rest()


seed, count = [*map(int, sys.argv[1:]), DEFAULT_SEED, DEFAULT_COUNT][:2]
asyncio.run(record(seed, count))
