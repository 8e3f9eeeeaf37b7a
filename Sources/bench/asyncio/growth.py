"""The workloads of Growth.swift on asyncio: growth.py NAME COUNT prints seconds of processor time."""

import asyncio
import socket
import sys
import time

name, count = sys.argv[1], int(sys.argv[2])


def nothing(*_):
    pass


def turn(loop):
    loop.call_soon(loop.stop)
    loop.run_forever()


def timers(offset):
    loop = asyncio.new_event_loop()
    begin = time.process_time()
    start = loop.time() - 1
    for number in range(count):
        loop.call_at(start + offset(number), nothing)
    turn(loop)
    return time.process_time() - begin


def cancelled():
    loop = asyncio.new_event_loop()
    begin = time.process_time()
    for timer in [loop.call_later(3600, nothing) for _ in range(count)]:
        timer.cancel()
    turn(loop)
    return time.process_time() - begin


def callbacks():
    loop = asyncio.new_event_loop()
    begin = time.process_time()
    for _ in range(count):
        loop.call_soon(nothing)
    turn(loop)
    return time.process_time() - begin


def removed():
    future = asyncio.new_event_loop().create_future()
    begin = time.process_time()
    callbacks = [lambda _, number=number: number for number in range(count)]
    for callback in callbacks:
        future.add_done_callback(callback)
    for callback in callbacks:
        future.remove_done_callback(callback)
    return time.process_time() - begin


async def turns():
    begin = time.process_time()
    for _ in range(count):
        await asyncio.sleep(0)
    return time.process_time() - begin


async def tasks(body, release=None):
    begin = time.process_time()
    all_of_them = [asyncio.create_task(body()) for _ in range(count)]
    await asyncio.sleep(0)
    if release:
        await release()
    for task in all_of_them:
        await task
    return time.process_time() - begin


async def sleeping():
    return await tasks(lambda: asyncio.sleep(0.001))


async def future():
    shared = asyncio.get_running_loop().create_future()

    async def body():
        await shared

    async def release():
        shared.set_result(None)

    return await tasks(body, release)


async def connection_to_nobody():
    one, other = socket.socketpair()
    other.setblocking(False)
    _, writer = await asyncio.open_connection(sock=one)
    return writer, other


async def take(left, peer):
    memory = bytearray(1 << 18)
    while left > 0:
        left -= await asyncio.get_running_loop().sock_recv_into(peer, memory)


async def drain():
    writer, peer = await connection_to_nobody()
    writer.write(bytes(1 << 20))
    return await tasks(writer.drain, lambda: take(1 << 20, peer))


async def wait_closed():
    writer, peer = await connection_to_nobody()

    async def release():
        writer.close()

    return await tasks(writer.wait_closed, release)


async def writes():
    writer, peer = await connection_to_nobody()
    line = bytes(100)
    begin = time.process_time()
    for _ in range(count):
        writer.write(line)
    await take(count * len(line), peer)
    return time.process_time() - begin


async def lines():
    reader = asyncio.StreamReader()
    line = b"x" * 99 + b"\n"
    begin = time.process_time()
    for _ in range(count):
        reader.feed_data(line)
    for _ in range(count):
        await reader.readline()
    return time.process_time() - begin


plain = {
    "ascending": lambda: timers(lambda number: number * 1e-9),
    "random": lambda: timers(lambda number: number * 7_919_777 % count * 1e-9),
    "equal": lambda: timers(lambda number: 0),
    "cancelled": cancelled,
    "callbacks": callbacks,
    "removed": removed,
}
awaited = {
    "turns": turns,
    "sleeping": sleeping,
    "future": future,
    "drain": drain,
    "waitClosed": wait_closed,
    "writes": writes,
    "lines": lines,
}
print(plain[name]() if name in plain else asyncio.run(awaited[name]()))
