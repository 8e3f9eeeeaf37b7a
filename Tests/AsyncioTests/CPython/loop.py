"""A loop whose selector, queue and handles tell what is done with them.

Nothing in asyncio is written anew. These stand where its own would stand, say a word,
and call those.
"""

import asyncio
import collections
import functools
import math
import selectors
import sys
import types
from asyncio import base_events, events

from kernel import Epoll, open_socket
from objects import label_of, task_name, task_of, told_label
from recorder import recorder, suspended, words


class Watched:
    """What is told of a selector, whatever it asks."""

    def select(self, timeout=None):
        recorder.loop("selectEntered", timeout=number(timeout))
        ready = super().select(timeout)
        recorder.has_asked = True
        found = [{"fd": recorder.names[key.fd], "events": mask} for key, mask in ready]
        recorder.loop("selectReturned", ready=found)
        return ready

    def register(self, fileobj, events, data=None):
        key = super().register(fileobj, events, data)
        recorder.loop("registered", **registration(key))
        return key

    def modify(self, fileobj, events, data=None):
        key = super().modify(fileobj, events, data)
        recorder.loop("modified", **registration(key))
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
    if value is not None and math.isinf(value):
        return math.copysign(sys.float_info.max, value)
    return int(value) if value is not None and value == int(value) else value


class Queue(collections.deque):
    """`loop._ready`."""

    def append(self, handle):
        super().append(handle)
        recorder.loop("handleQueued", handle=handle.label)

    def popleft(self):
        handle = super().popleft()
        if handle._cancelled:
            recorder.loop("handleSkipped", handle=handle.label)
        return handle


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector):
        super().__init__(selector)
        self._ready = Queue()
        if isinstance(selector, ScriptedSelector):
            self._clock_resolution = 1e-9
            self.time = lambda: selector.now
            recorder.script = selector
        # The trace counts from here; what the clock itself says means nothing.
        self.beginning = self.time()

    def call_soon(self, callback, *args, context=None):
        task = task_of(callback)
        if task and not args:
            # Its first step, or one that it asks for itself: a bare `yield`.
            if hasattr(task, "is_told"):
                fields = {"task": task_name(task), "on": None}
                frames = suspended(task.get_coro())
                recorder.tell("loop", "taskSuspended", fields, frames=frames)
            else:
                task.is_told = True
                recorder.loop("taskCreated", task=task_name(task))
        return super().call_soon(callback, *args, context=context)

    def stop(self):
        super().stop()
        recorder.loop("stopRequested")

    def _run_once(self):
        recorder.has_asked = False  # a new turn
        super()._run_once()


class WatchedHandle:
    """What is told of a handle, with a time or without."""

    name = None  # given when it is first mentioned, or the numbers would be other ones

    @property
    def label(self):
        if self.name is None:
            # It may have stood on a future's list, and has been mentioned there.
            known = len(self._args) == 1 and told_label(self._args[0], self._callback)
            self.name = known or label_of(self._callback, isinstance(self, TimerHandle))
        return self.name

    def _run(self):
        recorder.loop("handleRun", handle=self.label)
        callback = self._callback

        def call(*args):
            error = None
            try:
                callback(*args)
            except BaseException as caught:
                error = words(caught)
                raise
            finally:
                recorder.loop("handleFinished", handle=self.label, error=error)

        # Who asks what it is, a report of an error, gets the answer of the real one.
        functools.update_wrapper(call, callback)
        # What a callback throws is caught and reported inside of `_run`. The last
        # moment at which one can hear of it before that is in the callback.
        self._callback = call
        super()._run()
        if self._callback is call:
            self._callback = callback

    def cancel(self):
        label = self.label
        was_cancelled = self._cancelled
        super().cancel()
        if not was_cancelled:
            recorder.loop("handleCancelled", handle=label)


class Handle(WatchedHandle, events.Handle):
    pass


class TimerHandle(WatchedHandle, events.TimerHandle):
    on_schedule = False

    # The loop tells a timer whether it is on the schedule, and so it tells us.
    @property
    def _scheduled(self):
        return self.on_schedule

    @_scheduled.setter
    def _scheduled(self, value):
        if value:
            delay = number(max(0, self._when - self._loop.time()))
            when = number(self._when - self._loop.beginning)
            recorder.loop(
                "timerScheduled", handle=self.label, when=when, delay=delay)
        elif self.on_schedule:
            # The broom comes before the question to the selector.
            event = "timerDue" if recorder.has_asked else "timerDropped"
            recorder.loop(event, handle=self.label)
        self.on_schedule = value


# Where asyncio looks for them.
events.Handle, events.TimerHandle = Handle, TimerHandle
module = types.ModuleType("socket")
module.__dict__.update(vars(base_events.socket), socket=open_socket)
base_events.socket = module
