"""The scenarios of the chapter on sock_recv and sock_sendall."""

import asyncio

from stage import Stage, recorder, scenario


@scenario
def recv():
    stage = Stage()
    sock = stage.connection("socket")

    def hang_up():
        stage.peers[-1].close()
        recorder.note("the peer hangs up")

    recorder.acts += [lambda: stage.send("hello"), hang_up]

    async def main():
        while await stage.loop.sock_recv(sock, 1024):
            pass
        sock.close()

    stage.run(main())


@scenario
def recv_cancel_retry():
    stage = Stage()
    sock = stage.connection("socket")
    recorder.acts.append(lambda: stage.send("hello"))

    async def main():
        first = stage.loop.create_task(stage.loop.sock_recv(sock, 10), name="first")
        await asyncio.sleep(0)
        second = stage.loop.create_task(stage.loop.sock_recv(sock, 10), name="second")
        first.cancel()
        await second
        sock.close()

    stage.run(main(), "main")


@scenario
def sendall_partial():
    stage = Stage()
    sock = stage.narrow_connection()
    sock.setblocking(False)
    message = b"x" * 1_000_000
    received = 0

    def read():
        nonlocal received
        received += len(stage.peers[-1].recv(1_000_000))
        recorder.note(f"the peer has read {received} of {len(message)} bytes")
        if received < len(message):
            recorder.acts.append(read)

    recorder.acts.append(read)

    async def main():
        await stage.loop.sock_sendall(sock, message)
        sock.close()

    stage.run(main())
