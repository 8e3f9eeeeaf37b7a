"""Writes down what happens, in the words of `swift run walkthrough ... --json`."""

import asyncio
import collections
import errno
import os
import re
import sys

ASYNCIO = os.path.dirname(asyncio.__file__)


class Recorder:
    """Writes down what happens, and gives names to everything that it happens to."""

    def __init__(self):
        self.lines = []
        # Of open descriptors. The loop's own pipe is there before anybody can name it.
        self.names = collections.defaultdict(lambda: "self-pipe")
        self.orders = collections.deque()  # names for those to come
        self.counts = collections.Counter()
        self.watched = {}  # transports and readers, and what was last told of them
        self.acts = collections.deque()  # what the world does when the loop waits
        self.script = None  # the selector, if it follows one
        self.has_asked = False  # the selector, in this turn

    def tell(self, kind, event, fields=None, answer=None, frames=None):
        self.look(kind == "call")
        self.write(kind, event, fields, answer, frames)

    def write(self, kind, event, fields, answer=None, frames=None):
        line = {"kind": kind, "event": event}
        if fields:
            line["fields"] = fields
        if answer is not None:
            line["answer"] = answer
        line.update(self.place(frames or stack()))
        self.lines.append(line)

    def loop(self, event, **fields):
        self.tell("loop", event, fields)

    def note(self, text):
        self.tell("note", text)

    def printed(self, who, text):
        # The port is another one in every run.
        self.tell("printed", re.sub(r"', \d+\)", "', port)", text), {"by": who})

    def call(self, event, fields, function, answer=lambda result: "0"):
        """Makes a system call and writes it down, also when it is refused."""
        try:
            result = function()
        except OSError as error:
            number = errno.errorcode.get(error.errno)
            if number:
                self.tell("call", event, fields, number)
            else:  # Python's own: the time was over, or a host has no such name
                self.note(f"{event} of {fields.get('fd')} ends with {words(error)}")
            raise
        self.tell("call", event, fields, answer(result))
        return result

    def opened(self, descriptor, kind):
        """A descriptor was given out: a name was ordered for it, or it has a number."""
        if self.orders:
            name = self.orders.popleft()
        else:
            self.counts[kind] += 1
            name = f"{kind} {self.counts[kind]}"
        self.names[descriptor] = name
        return name

    def distinct(self, label):
        """The second `sockReadDone` is `sockReadDone 2`."""
        self.counts["handle", label] += 1
        count = self.counts["handle", label]
        return label if count == 1 else f"{label} {count}"

    def idle(self):
        if self.acts:
            self.acts.popleft()()

    def program_file(self, path):
        """What the program's file is called in a trace; `None` for any other file."""
        folder, file = os.path.split(path)
        return f"scenarios/{file}" if os.path.basename(folder) == "scenarios" else None

    def place(self, frames):
        """Where it was: the innermost function of asyncio or of the program."""
        for frame in frames:
            code = frame.f_code
            folder, file = os.path.split(code.co_filename)
            line = frame.f_lineno
            is_primitive = code.co_name in PRIMITIVES.get(file, ())
            if folder == ASYNCIO:
                if file != "trsock.py" and not is_primitive:
                    name = getattr(code, "co_qualname", code.co_name)
                    return {"asyncio": name, "file": f"asyncio/{file}", "line": line}
                continue
            program = self.program_file(code.co_filename)
            if program:
                return {"file": program, "line": line}
        return {}

    def watch(self, one, event, describe):
        self.watched[one] = event, describe, None

    def knows(self, one):
        """Whether it was told that there is this one."""
        return one in self.watched and self.watched[one][2] is not None

    def look(self, is_call=False):
        """Transports and readers change without a word, so one has to look at them."""
        for one, (event, describe, old) in list(self.watched.items()):
            if is_call and not old:
                continue  # a last setsockopt belongs to a transport's birth
            new = describe(one)
            if new != old:
                self.watched[one] = event, describe, new
                self.write("loop", event, new)


recorder = Recorder()


def camel(name):
    """`sockReadDone` from `_sock_read_done`."""
    first, *rest = name.strip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def size_of(data):
    return size(len(data))


def size(count):
    return "1 byte" if count == 1 else f"{count} bytes"


# Whoever calls one of these is the cause, and not these themselves: as with our own
# recording, in which a step belongs to the line that called the primitive.
PRIMITIVES = {
    "base_events.py": {
        "call_soon", "_call_soon", "call_at", "call_later", "create_future",
        "create_task", "_add_callback", "stop",
    },
    "selector_events.py": {
        "_add_reader", "_add_writer", "_remove_reader", "_remove_writer",
        "remove_reader", "remove_writer",
    },
    "events.py": {"_run", "cancel"},
    "futures.py": {
        "__await__", "set_result", "set_exception", "cancel", "__schedule_callbacks",
    },
    "tasks.py": {"__init__", "cancel"},
}  # fmt: skip


def stack():
    frame = sys._getframe(1)
    while frame:
        yield frame
        frame = frame.f_back


def suspended(coroutine):
    """Where a task's code stands, and who called that, the innermost first."""
    frames = []
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", getattr(coroutine, "gi_frame", None))
        if not frame or frame.f_lasti < 0:  # over, or not begun
            break
        frames.insert(0, frame)
        awaited = getattr(coroutine, "gi_yieldfrom", None)
        coroutine = getattr(coroutine, "cr_await", awaited)
    return frames


def words(error):
    """An error in a word, and the name of its number, which can be compared."""
    number, kind = getattr(error, "errno", None), type(error).__name__
    return f"{kind} {errno.errorcode[number]}" if number in errno.errorcode else kind
