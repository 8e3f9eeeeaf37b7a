"""Runs somebody's own program under python3 and writes down what its asyncio does.

    python3 own.py TRACE STEPS PROGRAM [ARGUMENTS]

The program finds everything as under `python3 PROGRAM [ARGUMENTS]`; the steps go into
the file TRACE, at most STEPS of them. If the program asks for what cannot be recorded,
the file stays empty, a sentence goes to standard error, and the exit code is 2.

As `record.py` does it, asyncio itself is not changed. Only its half in C is left out,
which it can do without, since nobody can look into that.
"""

import sys

if sys.version_info < (3, 9):
    sys.stderr.write(
        "walkthrough: this python3 is %s, and asyncio can be watched from 3.9 on; put a"
        " newer one first on the PATH\n" % sys.version.split()[0])
    sys.exit(2)

sys.dont_write_bytecode, ours = True, sys.dont_write_bytecode
sys.modules["_asyncio"] = None

import _thread  # noqa: E402
import asyncio  # noqa: E402
import contextlib  # noqa: E402
import importlib.machinery  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import selectors  # noqa: E402
import socket  # noqa: E402
import threading  # noqa: E402
import traceback  # noqa: E402
import types  # noqa: E402
import weakref  # noqa: E402
from asyncio import base_events, selector_events, tasks, unix_events  # noqa: E402

import kernel  # noqa: E402
import loop  # noqa: E402
import objects  # noqa: E402
import recorder as recording  # noqa: E402
from objects import around, task_name  # noqa: E402
from own_sockets import Socket, self_pipe  # noqa: E402
from recorder import recorder  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


class Refused(ImportError, RuntimeError):
    """The program wants what cannot be recorded."""


class Names(dict):
    """Of open descriptors; one that nobody has seen being opened has its number."""

    def __missing__(self, fd):
        usual = {0: "standard input", 1: "standard output", 2: "standard error"}
        self[fd] = usual.get(fd, f"descriptor {fd}" if fd >= 0 else "closed socket")
        return self[fd]


class Recorder(recording.Recorder):
    """Hears one thread, the one with the loop, and writes each step down at once."""

    def start(self, file, limit, folder):
        self.names = Names()
        self.watched = weakref.WeakKeyDictionary()  # nobody lives longer for our sake
        self.lines = self  # see `append`
        self.file, self.limit, self.folder = file, limit, folder
        self.count = 0
        self.is_over = self.is_cut = False
        self.process, self.thread = os.getpid(), threading.get_ident()
        self.last_loop = None
        self.refusal = None
        self.lock = threading.RLock()
        self.local = threading.local()

    @property
    def hears(self):
        """Whether this thread's steps are told. A forked child's are not, either."""
        is_ours = threading.get_ident() == self.thread
        is_ours = is_ours or getattr(self.local, "is_outside", False)
        return is_ours and not self.is_over and os.getpid() == self.process

    @contextlib.contextmanager
    def outside(self):
        """What another thread does in here is told nevertheless."""
        with self.lock:
            self.local.is_outside = True
            try:
                yield
            finally:
                self.local.is_outside = False

    def append(self, line):
        self.count += 1
        if self.count >= self.limit:
            place = "asyncio", "file", "line"
            line = {key: line[key] for key in place if key in line}
            line["kind"] = "note"
            line["event"] = (
                f"the recording ends here, after {self.limit} steps:"
                " what the program does next is cut")
        text = json.dumps(line, separators=(",", ":"), ensure_ascii=False)
        self.file.write(text + "\n")
        if self.count >= self.limit:
            self.is_over = self.is_cut = True
            _thread.interrupt_main()  # as Ctrl-C would

    def tell(self, *args, **options):
        if self.hears:
            with self.lock:
                super().tell(*args, **options)

    def write(self, *args, **options):
        if not self.is_over:
            super().write(*args, **options)

    def look(self, is_call=False):
        if self.hears:
            with self.lock:
                super().look(is_call)

    def printed(self, who, text):
        self.tell("printed", text, {"by": who})

    def program_file(self, path):
        if path.startswith(self.folder) and not path.startswith(HERE):
            return path[len(self.folder) :]
        return None


class Queue(loop.Queue):
    """`loop._ready`, into which another thread may put something."""

    def append(self, handle):
        with recorder.lock:
            super().append(handle)

    def popleft(self):
        with recorder.lock:
            return super().popleft()


class Loop(loop.Loop):
    def __init__(self, selector=None):
        if recorder.last_loop is None:
            recorder.thread = threading.get_ident()
        elif recorder.thread != threading.get_ident():
            with recorder.outside():
                recorder.note(
                    "another thread makes a loop of its own, which is not recorded")
        elif recorder.last_loop.is_closed():
            # What was queued when it was closed is gone, without a word.
            recorder.tell("part", "the next loop")
        if selector is None:
            selector = loop.Selector()
        elif not isinstance(selector, loop.Watched):
            if isinstance(selector, selectors.EpollSelector):
                selector._selector = kernel.Epoll(selector._selector)
            kinds = (loop.Watched, type(selector))
            selector.__class__ = type(type(selector).__name__, kinds, {})
        super().__init__(selector)
        self._ready = Queue(self._ready)
        if recorder.thread == threading.get_ident():
            recorder.last_loop = self

    def call_soon_threadsafe(self, callback, *args, context=None):
        schedule = super().call_soon_threadsafe
        if threading.get_ident() == recorder.thread:
            return schedule(callback, *args, context=context)
        with recorder.outside():
            recorder.note("from outside: another thread calls call_soon_threadsafe")
            return schedule(callback, *args, context=context)

    def create_task(self, coro, **options):
        task = super().create_task(coro, **options)
        if not isinstance(task, objects.Task):
            recorder.note("a task is made that is not asyncio's own, and not recorded")
        return task

    async def subprocess_exec(self, *args, **options):
        refuse("subprocesses are not recorded: take that part out of the program")

    subprocess_shell = subprocess_exec


if hasattr(objects.Task, "_Task__eager_start"):

    @around(objects.Task, "_Task__eager_start")
    def _(original, self):
        self.is_told = True
        recorder.loop("taskCreated", task=task_name(self))
        recorder.loop("taskStepBegun", task=task_name(self))
        original(self)


set_protocol = selector_events._SelectorSocketTransport.set_protocol


def set_protocol_if_possible(self, protocol):
    """A protocol with slots cannot be listened to, and one that is already is."""
    own = getattr(protocol, "__dict__", None)
    if own is not None:
        for name in objects.PROTOCOL:
            if hasattr(own.get(name), "is_told"):
                del own[name]
        return set_protocol(self, protocol)
    return set_protocol.__wrapped__(self, protocol)


selector_events._SelectorSocketTransport.set_protocol = set_protocol_if_possible


def refuse(sentence):
    recorder.refusal = sentence
    raise Refused(sentence)


class Refusing:
    """An importer that comes first."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "uvloop":
            refuse(
                "uvloop is a loop in C and cannot be looked into: run the program with"
                " asyncio's own")


class Output:
    """Standard output that is heard, line by line."""

    def __init__(self, real):
        self.real = real
        self.line = ""

    def __getattr__(self, name):
        return getattr(self.real, name)

    def __iter__(self):
        return iter(self.real)

    def write(self, text):
        count = self.real.write(text)
        *lines, self.line = (self.line + text).split("\n")
        for line in lines:
            self.tell(line)
        return count

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def finish(self):
        if self.line:
            self.tell(self.line)

    def tell(self, line):
        if threading.get_ident() == recorder.thread:
            recorder.printed("program", line)
        else:
            with recorder.outside():
                recorder.printed("program", line)


def install():
    """Puts ours where a program and asyncio look for theirs."""
    socket.socket = Socket
    base_events.socket = socket
    selector_events.socket = types.ModuleType("socket")
    vars(selector_events.socket).update(vars(socket), socketpair=self_pipe)
    for module, name in (
        (asyncio, "SelectorEventLoop"), (unix_events, "SelectorEventLoop"),
        (asyncio, "EventLoop"), (unix_events, "EventLoop"),
        (unix_events._UnixDefaultEventLoopPolicy, "_loop_factory"),
    ):  # fmt: skip
        if hasattr(module, name):
            setattr(module, name, Loop)
    if hasattr(tasks, "create_eager_task_factory"):
        eager = tasks.create_eager_task_factory(tasks.Task)
        asyncio.eager_task_factory = tasks.eager_task_factory = eager
    sys.meta_path.insert(0, Refusing)
    sys.stdout = Output(sys.stdout)


def main_module(path):
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = sys.modules["builtins"]
    module.__cached__ = None
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    return module


def without_ours(report):
    """The report of an exception without the frames that are the recorder's."""
    while report:
        kept = [one for one in report.stack if os.path.dirname(one.filename) != HERE]
        report.stack = traceback.StackSummary.from_list(kept)
        for part in getattr(report, "exceptions", None) or []:
            without_ours(part)
        without_ours(report.__cause__)
        report = report.__context__


class At:
    """A frame as it was when an exception came by."""

    def __init__(self, frame, line):
        self.f_code, self.f_lineno = frame.f_code, line


def tell_end(text, error):
    """Tells the end where it was caused."""
    frames = [At(*one) for one in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):  # it may not have run, but has a place
        code = types.SimpleNamespace(co_filename=error.filename or "", co_name="")
        frames.append(At(types.SimpleNamespace(f_code=code), error.lineno))
    recorder.tell("note", text, frames=frames[::-1])


def fail(error):
    text = f": {error}" if str(error) else ""
    tell_end(f"the program ends with {type(error).__name__}{text}", error)
    report = traceback.TracebackException.from_exception(error)
    without_ours(report)
    sys.stderr.write("".join(report.format()))
    return 1


def run(code, module):
    """Runs the program; its exit code, or what `sys.exit` was given."""
    try:
        exec(code, vars(module))
        return 0
    except SystemExit as end:
        code = "" if end.code is None else repr(end.code)
        tell_end(f"the program calls sys.exit({code})", end)
        return end.code
    except KeyboardInterrupt as end:
        if recorder.is_cut:
            return 0
        tell_end("Ctrl-C ends the program", end)
        return 130
    except BaseException as error:
        if not recorder.refusal:
            return fail(error)
        recorder.file.truncate(0)
        sys.stderr.write(f"walkthrough: {recorder.refusal}\n")
        return 2


def main(trace, steps, program, *arguments):
    path = os.path.abspath(program)
    folder = os.path.dirname(os.path.realpath(program))
    with open(path, "rb") as file:
        text = file.read()
    recorder.__class__ = Recorder
    recorder.start(
        open(trace, "w", encoding="utf-8", errors="replace", buffering=1), int(steps),
        os.path.dirname(path) + "/")
    head = {
        "trace": 1,
        "name": os.path.basename(path),
        "by": f"CPython {platform.python_version()}",
        "sources": {"asyncio": recording.ASYNCIO, "program": os.path.dirname(path)},
    }
    recorder.file.write(json.dumps(head) + "\n")
    install()
    out = sys.stdout
    # From here on all is as the program expects it.
    for name in "kernel", "loop", "objects", "recorder", "own_sockets":
        sys.modules["walkthrough." + name] = sys.modules.pop(name)
    sys.dont_write_bytecode = ours
    sys.argv = [program, *arguments]
    sys.path[0] = folder
    module = sys.modules["__main__"] = main_module(path)
    try:
        code = run(compile(text, path, "exec", dont_inherit=True), module)
    except SyntaxError as error:
        code = fail(error)
    out.finish()
    recorder.is_over = True
    recorder.file.close()
    if recorder.is_cut:
        sys.stderr.write(
            f"walkthrough: only the first {steps} steps are recorded;"
            " --steps N before the program's name sets another number\n")
    sys.exit(code)


main(*sys.argv[1:])
