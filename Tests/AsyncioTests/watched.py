"""Sockets, a selector, a queue, handles, futures and tasks that tell what happens.

Nothing in asyncio is written anew: these stand where its own would stand, say a word,
and call them. Its futures and tasks have to be the ones that are written in Python,
since nobody can look into those in C.
"""

import asyncio
import collections
import errno
import functools
import os
import re
import selectors
import socket
import sys
import types
import weakref
from asyncio import base_events, events, futures, selector_events, streams, tasks

ASYNCIO = os.path.dirname(asyncio.__file__)

# What our side calls something else than asyncio does, underscores and capitals apart.
LABELS = {
    "_sock_accept": "sockAcceptStep",
    "_sock_connect_cb": "sockConnectDone",
    "_sock_recv": "sockRecvStep",
    "_sock_sendall": "sockSendallStep",
    "_run_until_complete_cb": "stop",
    "_write_sendmsg": "writeReady",
    "callback": "clientHandled",  # it has no better name in streams.py
}


def camel(name):
    first, *rest = name.strip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class Recorder:
    """Writes down what happens, and gives names to everything that it happens to."""

    def __init__(self):
        self.lines = []
        # Of open descriptors. The loop's own pipe is there before anybody can name it.
        self.names = collections.defaultdict(lambda: "self-pipe")
        self.orders = collections.deque()  # names for those to come
        self.counts = collections.Counter()
        self.callbacks = {}  # done callbacks and their labels
        self.watched = {}  # transports and readers, and what was last told of each
        self.acts = collections.deque()  # what the world does when the loop waits
        self.script = None  # the selector, if it follows one
        self.has_asked = False  # the selector, in this turn

    def tell(self, kind, event, fields=None, answer=None):
        self.look(kind == "call")
        self.write(kind, event, fields, answer)

    def write(self, kind, event, fields, answer=None):
        line = {"kind": kind, "event": event}
        if fields:
            line["fields"] = fields
        if answer is not None:
            line["answer"] = answer
        place = asyncio_place()
        if place:
            line["asyncio"] = place
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
            self.tell("call", event, fields, errno.errorcode[error.errno])
            raise
        self.tell("call", event, fields, answer(result))
        return result

    def opened(self, descriptor, kind):
        """A descriptor was given out, and gets the name that was ordered, or a number."""
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

    def look(self, is_call=False):
        """Transports and readers change without a word, so one has to look at them."""
        for one in list(self.watched):
            if is_call and not self.watched[one]:
                continue  # a last setsockopt belongs to a transport's birth
            event, new = state(one)
            if new != self.watched[one]:
                self.watched[one] = new
                self.write("loop", event, {"value": new})


recorder = Recorder()


# Whoever calls one of these is the cause, and not these themselves.
PRIMITIVES = {
    "base_events.py": {
        "call_soon", "_call_soon", "call_at", "call_later", "create_future", "create_task",
        "_add_callback", "stop",
    },
    "selector_events.py": {
        "_add_reader", "_add_writer", "_remove_reader", "_remove_writer", "remove_reader",
        "remove_writer",
    },
    "events.py": {"_run", "cancel"},
    "futures.py": {"set_result", "set_exception", "cancel", "__schedule_callbacks"},
    "tasks.py": {"__init__", "cancel"},
}  # fmt: skip


def asyncio_place():
    """The innermost function of asyncio's on the stack, unless the program is further in."""
    frame = sys._getframe(1)
    while frame:
        code = frame.f_code
        folder, file = os.path.split(code.co_filename)
        if file == "record.py":
            return None
        if folder == ASYNCIO and code.co_name not in PRIMITIVES.get(file, "getsockname"):
            name = getattr(code, "co_qualname", code.co_name)
            return f"{name} {file}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def words(error):
    """What can be compared of an error: that there is one, and its number's name."""
    number = getattr(error, "errno", None)
    return f"exception {errno.errorcode[number]}" if number else "exception"


# The kernel: sockets and epoll


class Socket:
    """A socket that tells what it is asked for, and what the answer is."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def tell(self, event, function, answer=lambda result: "0", **fields):
        name = recorder.names[self.real.fileno()]
        return recorder.call(event, {"fd": name, **fields}, function, answer)

    def accept(self):
        def adopt(result):
            return recorder.opened(result[0].fileno(), "connection")

        new, address = self.tell("accept", self.real.accept, adopt)
        return Socket(new), address

    def bind(self, address):
        self.tell("bind", lambda: self.real.bind(address), value1=place(address))

    def connect(self, address):
        self.tell("connect", lambda: self.real.connect(address), value1=place(address))

    def listen(self, backlog):
        self.tell("listen", lambda: self.real.listen(backlog), backlog=backlog)

    def recv(self, limit):
        return self.tell("recv", lambda: self.real.recv(limit), size_of, limit=limit)

    def send(self, data):
        return self.tell("send", lambda: self.real.send(data), size, count=len(data))

    def sendmsg(self, chunks):
        chunks = list(chunks)
        counts = [len(chunk) for chunk in chunks]
        return self.tell("sendmsg", lambda: self.real.sendmsg(chunks), size, counts=counts)

    def shutdown(self, how):
        direction = {socket.SHUT_RD: "read", socket.SHUT_WR: "write"}[how]
        self.tell("shutdown", lambda: self.real.shutdown(how), value1=direction)

    def getsockopt(self, level, option):
        def answer(result):
            return errno.errorcode[result] if result else "0"

        return self.tell(
            "getsockopt", lambda: self.real.getsockopt(level, option), answer,
            value1=OPTIONS[option])  # fmt: skip

    def setsockopt(self, level, option, value):
        self.tell(
            "setsockopt", lambda: self.real.setsockopt(level, option, value),
            value1=OPTIONS[option], value2=int(value))  # fmt: skip

    def setblocking(self, blocking):
        self.tell("setBlocking", lambda: self.real.setblocking(blocking), value1=blocking)

    def getsockname(self):
        return self.tell("getsockname", self.real.getsockname, host)

    def getpeername(self):
        return self.tell("getpeername", self.real.getpeername, host)

    def close(self):
        if self.real.fileno() >= 0:
            self.tell("close", self.real.close)


class ScriptedSocket:
    """A socket without a kernel. The script says what is called and what is answered."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(self, number, script):
        self.number = number
        self.script = script

    def fileno(self):
        return self.number

    def gettimeout(self):
        return 0.0

    def setblocking(self, blocking):
        pass

    def close(self):
        self.number = -1

    def __getattr__(self, name):
        def call(*args):
            wanted, number, answer = self.script.popleft()
            assert (wanted, number) == (name, self.number), f"{name} was not expected"
            if isinstance(answer, OSError):
                raise answer
            return answer

        return call


OPTIONS = {
    socket.SO_ERROR: "error",
    socket.SO_REUSEADDR: "reuseAddress",
    socket.TCP_NODELAY: "noDelay",
}


def size(count):
    return "1 byte" if count == 1 else f"{count} bytes"


def size_of(data):
    return size(len(data))


def host(address):
    return address[0] if address else "an unnamed socket"


def place(address):
    # The kernel's ports are other ones in every run.
    return f"{address[0]}:{address[1]}" if address[1] < 1024 else address[0]


def open_socket(family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0):
    def adopt(real):
        return recorder.opened(real.fileno(), "socket")

    make = functools.partial(socket.socket, family, type, proto)
    return Socket(recorder.call("socket", {"value": "ipv4"}, make, adopt))


class Epoll:
    """The epoll object that a selector works with."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def control(self, change, function, fd, events):
        fields = {"epoll": "epoll", "value1": change, "fd": recorder.names[fd], "events": events}
        recorder.call("epollControl", fields, function)

    def register(self, fd, events):
        self.control("add", lambda: self.real.register(fd, events), fd, events)

    def modify(self, fd, events):
        self.control("modify", lambda: self.real.modify(fd, events), fd, events)

    def unregister(self, fd):
        self.control("delete", lambda: self.real.unregister(fd), fd, 0)

    def poll(self, timeout, limit):
        if timeout != 0:
            recorder.idle()

        def answer(ready):
            order = list(recorder.names)
            parts = sorted(ready, key=lambda one: order.index(one[0]))
            return ", ".join(f"{recorder.names[fd]} {bits(events)}" for fd, events in parts) or "nothing"

        fields = {"epoll": "epoll", "timeout": -1 if timeout < 0 else round(timeout * 1000)}
        return recorder.call("epollWait", fields, lambda: self.real.poll(timeout, limit), answer)


def bits(events):
    names = {1: "IN", 4: "OUT", 8: "ERR", 16: "HUP"}
    return "|".join(name for bit, name in names.items() if events & bit)


# The loop: its selector's list, its queue, its handles


class Watched:
    """What is told of a selector, whatever it asks."""

    def select(self, timeout=None):
        recorder.loop("selectEntered", timeout=number(timeout))
        ready = super().select(timeout)
        recorder.has_asked = True
        found = [{"fd": recorder.names[key.fd], "events": mask} for key, mask in ready]
        recorder.loop("selectReturned", value=found)
        return ready

    def register(self, fileobj, events, data=None):
        key = super().register(fileobj, events, data)
        recorder.loop("registered", value=registration(key))
        return key

    def modify(self, fileobj, events, data=None):
        key = super().modify(fileobj, events, data)
        recorder.loop("modified", value=registration(key))
        return key

    def unregister(self, fileobj):
        key = super().unregister(fileobj)
        recorder.loop("unregistered", fd=recorder.names[key.fd])
        return key


class ScriptBase(selectors._BaseSelectorImpl):
    """A selector that follows a script: what each question is answered."""

    now = 0.0

    def __init__(self, turns):
        super().__init__()
        self.turns = collections.deque(turns)

    def select(self, timeout=None):
        if not self.turns:
            self.now += max(0, timeout)
            return []
        ready = self.turns.popleft()
        return [(self._fd_to_key[fd], mask) for fd, mask in ready.items()]

    def modify(self, fileobj, events, data=None):
        key = self._fd_to_key[fileobj]._replace(events=events, data=data)
        self._fd_to_key[fileobj] = key
        return key


class Selector(Watched, selectors.EpollSelector):
    def __init__(self):
        super().__init__()
        self._selector = Epoll(self._selector)


class ScriptedSelector(Watched, ScriptBase):
    pass


def registration(key):
    entry = {"fd": recorder.names[key.fd], "events": key.events}
    for side, handle in zip(("reader", "writer"), key.data):
        if handle:
            entry[side] = handle.label
    return entry


def number(value):
    return int(value) if value is not None and value == int(value) else value


class Queue(collections.deque):
    """`loop._ready`."""

    def append(self, handle):
        super().append(handle)
        recorder.loop("handleQueued", value=handle.label)

    def popleft(self):
        handle = super().popleft()
        if handle._cancelled:
            recorder.loop("handleSkipped", value=handle.label)
        return handle


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector):
        super().__init__(selector)
        self._ready = Queue()
        if isinstance(selector, ScriptedSelector):
            self._clock_resolution = 1e-9
            self.time = lambda: selector.now
            recorder.script = selector

    def call_soon(self, callback, *args, context=None):
        task = task_of(callback)
        if task and not args:
            # Its first step, or one that it asks for itself: a bare `yield`.
            if hasattr(task, "is_told"):
                recorder.loop("taskSuspended", value0=task.get_name(), on=None)
            else:
                task.is_told = True
                recorder.loop("taskCreated", value=task.get_name())
        return super().call_soon(callback, *args, context=context)

    def stop(self):
        super().stop()
        recorder.loop("stopRequested")

    def _run_once(self):
        recorder.has_asked = False
        super()._run_once()


class WatchedHandle:
    """What is told of a handle, with a time or without."""

    name = None

    @property
    def label(self):
        if self.name is None:
            known = recorder.callbacks.get((id(self._callback), *map(id, self._args)))
            self.name = known or label_of(self._callback, isinstance(self, TimerHandle))
        return self.name

    def _run(self):
        recorder.loop("handleRun", value=self.label)
        callback = self._callback

        def call(*args):
            error = None
            try:
                callback(*args)
            except BaseException as caught:
                error = words(caught)
                raise
            finally:
                recorder.loop("handleFinished", value0=self.label, error=error)

        self._callback = call
        super()._run()
        if self._callback is call:
            self._callback = callback

    def cancel(self):
        label = self.label
        was_cancelled = self._cancelled
        super().cancel()
        if not was_cancelled:
            recorder.loop("handleCancelled", value=label)


class Handle(WatchedHandle, events.Handle):
    pass


class TimerHandle(WatchedHandle, events.TimerHandle):
    on_schedule = False

    @property
    def _scheduled(self):
        return self.on_schedule

    @_scheduled.setter
    def _scheduled(self, value):
        if value:
            recorder.loop("timerScheduled", value0=self.label, when=number(self._when))
        elif self.on_schedule:
            # The broom comes before the question to the selector.
            recorder.loop("timerDue" if recorder.has_asked else "timerDropped", value=self.label)
        self.on_schedule = value


def task_of(callback):
    """The task, if this is what makes one go on."""
    owner = getattr(callback, "__self__", None)
    is_step = isinstance(owner, Task) and callback.__name__ in ("__step", "__wakeup")
    return owner if is_step else None


def label_of(callback, is_timer=False):
    while isinstance(callback, functools.partial):
        callback = callback.func
    task = task_of(callback)
    if task:
        return f"wake-up of {task.get_name()}"
    name = callback.__name__
    if is_timer and name == "_set_result_unless_cancelled":
        name = "sleep"
    return recorder.distinct(LABELS.get(name) or camel(name))


# Futures, tasks and transports: asyncio's own, with a function around some methods


def around(owner, name):
    def wrap(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self, *args, **options):
            return function(original, self, *args, **options)

        setattr(owner, name, method)

    return wrap


Future, Task = futures._PyFuture, tasks._PyTask


def name_of(future):
    return future.get_name() if isinstance(future, Task) else future.told_as


@around(Future, "__init__")
def _(original, self, **options):
    original(self, **options)
    if not isinstance(self, Task):
        recorder.counts["future"] += 1
        self.told_as = f"Future-{recorder.counts['future']}"
        recorder.loop("futureCreated", value=self.told_as)


@around(Future, "add_done_callback")
def _(original, self, callback, **options):
    was_done = self.done()
    original(self, callback, **options)
    if was_done:
        return
    label = label_of(callback)
    recorder.loop("callbackAdded", future=name_of(self), callback=label)
    task = task_of(callback)
    if task:
        recorder.loop("taskSuspended", value0=task.get_name(), on=name_of(self))
    else:
        recorder.callbacks[id(callback), id(self)] = label


@around(Future, "remove_done_callback")
def _(original, self, callback):
    count = original(self, callback)
    if count:
        label = recorder.callbacks[id(callback), id(self)]
        recorder.loop("callbackRemoved", future=name_of(self), callback=label)
    return count


@around(Future, "_Future__schedule_callbacks")
def _(original, self):
    if isinstance(self, Task):
        recorder.loop("taskFinished", value=self.get_name())
    outcome = words(self._exception) if self._exception else "result"
    outcome = "cancelled" if self.cancelled() else outcome
    recorder.loop("futureSettled", value0=name_of(self), value1=outcome)
    original(self)


@around(Task, "_Task__step")
def _(original, self, *args):
    recorder.loop("taskStepBegun", value=self.get_name())
    original(self, *args)


@around(Task, "cancel")
def _(original, self, *args, **options):
    if not self.done():
        recorder.loop("taskCancelRequested", value=self.get_name())
    return original(self, *args, **options)


@around(selector_events._SelectorTransport, "__init__")
def _(original, self, loop, sock, *args, **options):
    recorder.counts["transport"] += 1
    self.told_as = f"Transport-{recorder.counts['transport']}"
    self.told_fd = recorder.names[sock.fileno()]
    original(self, loop, sock, *args, **options)
    recorder.watched[self] = None


@around(streams.StreamReader, "__init__")
def _(original, self, *args, **options):
    original(self, *args, **options)
    recorder.counts["reader"] += 1
    self.told_as = f"StreamReader-{recorder.counts['reader']}"
    recorder.watched[self] = None


def look_before(owner, name):
    """Something has changed by now, and in here the next thing will."""

    @around(owner, name)
    def _(original, self):
        recorder.look()
        original(self)


look_before(selector_events._SelectorTransport, "_maybe_pause_protocol")
look_before(selector_events._SelectorTransport, "_maybe_resume_protocol")
look_before(streams.StreamReader, "_maybe_resume_transport")
look_before(streams.StreamReader, "_wakeup_waiter")


def state(one):
    if isinstance(one, streams.StreamReader):
        return "readerChanged", {
            "name": one.told_as,
            "limit": one._limit,
            "bufferSize": len(one._buffer),
            "isAtEnd": one._eof,
            "failure": words(one._exception) if one._exception else None,
            "hasPaused": one._paused,
            "waiter": one._waiter and one._waiter.told_as,
        }
    return "transportChanged", {
        "name": one.told_as,
        "fd": one.told_fd,
        "bufferSize": one.get_write_buffer_size(),
        "low": one._low_water,
        "high": one._high_water,
        "isWritingPaused": one._protocol_paused,
        "isReading": one.is_reading(),
        "isClosing": one.is_closing(),
        "isLost": one._sock is None,
    }


@around(selector_events._SelectorSocketTransport, "set_protocol")
def _(original, self, protocol):
    for name in PROTOCOL:
        if hasattr(protocol, name):
            setattr(protocol, name, telling(weakref.ref(self), getattr(protocol, name)))
    original(self, protocol)


PROTOCOL = {
    "connection_made", "data_received", "get_buffer", "buffer_updated", "eof_received",
    "pause_writing", "resume_writing", "connection_lost",
}  # fmt: skip


def telling(transport, method):
    @functools.wraps(method)
    def call(*args):
        text = camel(method.__name__)
        if method.__name__ == "data_received":
            text += " " + size_of(*args)
        elif method.__name__ == "connection_lost" and args[0]:
            text += " " + words(*args)
        recorder.loop("protocolCalled", value0=transport().told_as, value1=text)
        return method(*args)

    return call


# Where asyncio looks for all this

futures.Future = asyncio.Future = Future
tasks.Task = asyncio.Task = Task
events.Handle, events.TimerHandle = Handle, TimerHandle
base_events.socket = types.ModuleType("socket")
base_events.socket.__dict__.update(vars(socket), socket=open_socket)
