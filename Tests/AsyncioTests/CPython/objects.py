"""Futures, tasks, transports and stream readers that tell what happens to them.

They are asyncio's own, with a function around some of their methods. Futures and tasks
have to be the ones that are written in Python, since nobody can look into those in C.
"""

import asyncio
import functools
import weakref
from asyncio import futures, selector_events, streams, tasks

from recorder import camel, recorder, size_of, suspended, words

Future = futures.Future = asyncio.Future = futures._PyFuture
Task = tasks.Task = asyncio.Task = tasks._PyTask

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


def task_of(callback):
    """The task, if this is what makes one go on."""
    owner = getattr(callback, "__self__", None)
    is_step = isinstance(owner, Task) and callback.__name__ in ("__step", "__wakeup")
    return owner if is_step else None


def task_name(task):
    """Its name when it is first told, and from then on; no two have the same."""
    if not hasattr(task, "told_as"):
        name = task.get_name()
        recorder.counts["task", name] += 1
        count = recorder.counts["task", name]
        task.told_as = name if count == 1 else f"{name} ({count})"
    return task.told_as


def label_of(callback, is_timer=False):
    while isinstance(callback, functools.partial):
        callback = callback.func
    task = task_of(callback)
    if task:
        return f"wake-up of {task_name(task)}"
    name = getattr(callback, "__name__", type(callback).__name__)
    if is_timer and name == "_set_result_unless_cancelled":
        name = "sleep"
    return recorder.distinct(LABELS.get(name) or camel(name))


def around(owner, name):
    """Puts a function around a method of asyncio's."""

    def wrap(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self, *args, **options):
            return function(original, self, *args, **options)

        setattr(owner, name, method)

    return wrap


def name_of(future):
    return task_name(future) if isinstance(future, Task) else future.told_as


@around(Future, "__init__")
def _(original, self, **options):
    original(self, **options)
    if not isinstance(self, Task):
        recorder.counts["future"] += 1
        self.told_as = f"Future-{recorder.counts['future']}"
        recorder.loop("futureCreated", future=self.told_as)


@around(Future, "add_done_callback")
def _(original, self, callback, **options):
    was_done = self.done()
    original(self, callback, **options)
    if was_done:
        return
    task, label = task_of(callback), label_of(callback)
    frames = suspended(task.get_coro()) if task else None
    fields = {"future": name_of(self), "callback": label}
    recorder.tell("loop", "callbackAdded", fields, frames=frames)
    if task:
        # That was the last thing that a task does before it suspends.
        fields = {"task": task_name(task), "on": name_of(self)}
        recorder.tell("loop", "taskSuspended", fields, frames=frames)
    else:
        vars(self).setdefault("told_callbacks", []).append((callback, label))


@around(Future, "remove_done_callback")
def _(original, self, callback):
    count = original(self, callback)
    for _ in range(count):
        label = told_label(self, callback)
        recorder.loop("callbackRemoved", future=name_of(self), callback=label)
    return count


def told_label(future, callback):
    """As what a callback was told when it was put on a future's list; it is off now."""
    told = getattr(future, "told_callbacks", [])
    for place, (known, label) in enumerate(told):
        if known == callback:
            del told[place]
            return label
    return None


# However a future settles, it comes by here, and only then its callbacks are queued.
@around(Future, "_Future__schedule_callbacks")
def _(original, self):
    if isinstance(self, Task):
        recorder.loop("taskFinished", task=task_name(self))
    fields = {"future": name_of(self), "outcome": "result"}
    if self.cancelled():
        fields["outcome"] = "cancelled"
    elif self._exception:
        fields.update(outcome="exception", error=words(self._exception))
    recorder.loop("futureSettled", **fields)
    original(self)


@around(Task, "_Task__step")
def _(original, self, *args):
    frames = suspended(self.get_coro())
    recorder.tell("loop", "taskStepBegun", {"task": task_name(self)}, frames=frames)
    original(self, *args)


@around(Task, "cancel")
def _(original, self, *args, **options):
    if not self.done():
        recorder.loop("taskCancelRequested", task=task_name(self))
    return original(self, *args, **options)


@around(selector_events._SelectorTransport, "__init__")
def _(original, self, loop, sock, *args, **options):
    recorder.counts["transport"] += 1
    self.told_as = f"Transport-{recorder.counts['transport']}"
    self.told_fd = recorder.names[sock.fileno()]
    original(self, loop, sock, *args, **options)
    recorder.watch(self, "transportChanged", describe_transport)


@around(streams.StreamReader, "__init__")
def _(original, self, *args, **options):
    original(self, *args, **options)
    recorder.counts["reader"] += 1
    self.told_as = f"StreamReader-{recorder.counts['reader']}"
    recorder.watch(self, "readerChanged", describe_reader)


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


def look_after(owner, *names):
    """These are facts that others can see, and they change where they are set."""

    def set(self, name, value):
        object.__setattr__(self, name, value)
        if name in names and recorder.knows(self):
            recorder.look()

    owner.__setattr__ = set


look_after(
    selector_events._SelectorTransport,
    "_closing", "_paused", "_protocol_paused", "_sock",
)  # fmt: skip
look_after(streams.StreamReader, "_eof", "_paused", "_waiter")


def describe_transport(one):
    return {
        "transport": one.told_as,
        "fd": one.told_fd,
        "bufferSize": one.get_write_buffer_size(),
        "low": one._low_water,
        "high": one._high_water,
        "isWritingPaused": one._protocol_paused,
        # Not all of them say it themselves.
        "isReading": not one.is_closing() and not getattr(one, "_paused", False),
        "isClosing": one.is_closing(),
        "isLost": one._sock is None,
    }


def describe_reader(one):
    return {
        "reader": one.told_as,
        "limit": one._limit,
        "bufferSize": len(one._buffer),
        "isAtEnd": one._eof,
        "failure": words(one._exception) if one._exception else None,
        "hasPaused": one._paused,
        "waiter": one._waiter and one._waiter.told_as,
    }


@around(selector_events._SelectorSocketTransport, "set_protocol")
def _(original, self, protocol):
    # Weakly, or the two would keep each other alive where asyncio's would not.
    for name in PROTOCOL:
        if hasattr(protocol, name):
            method = getattr(protocol, name)
            if hasattr(method, "__self__"):
                setattr(protocol, name, telling(weakref.ref(self), method))
    original(self, protocol)


PROTOCOL = {
    "connection_made", "data_received", "get_buffer", "buffer_updated", "eof_received",
    "pause_writing", "resume_writing", "connection_lost",
}  # fmt: skip


def telling(transport, method):
    bound = weakref.WeakMethod(method)

    def call(*args):
        method = bound()
        text = camel(method.__name__)
        if method.__name__ == "data_received":
            text += " " + size_of(*args)
        elif method.__name__ == "connection_lost" and args[0]:
            text += " " + words(*args)
        recorder.loop("protocolCalled", transport=transport().told_as, call=text)
        return method(*args)

    call.__name__ = method.__name__
    call.is_told = True
    return call
