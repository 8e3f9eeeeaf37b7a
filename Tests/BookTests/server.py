"""The book's server among many, slow and rude clients.

    server.py PORT FOLDER-WITH-GARBAGE     a server that runs already
    server.py slow PORT                    one that has little patience
    server.py stop PROGRAM                 one that gets Ctrl-C, with clients connected
"""

import concurrent.futures
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time

wrong, looked = [], 0


def check(is_right, *what):
    global looked
    looked += 1
    if not is_right:
        wrong.append(what)
        print(*what, flush=True)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def all_of(client):
    answer = b""
    try:
        while piece := client.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    return answer


def asked(port, request):
    """What comes back until the server hangs up."""
    with connect(port) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass
        return all_of(client)


def status(answer):
    return answer[9:12].decode(errors="replace") if answer.startswith(b"HTTP/1.1 ") else "closed" if not answer else "?"


def get(port, path, more=b"Connection: close\r\n"):
    return b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n" % (path.encode(), port, more)


def pages(port):
    answer = asked(port, get(port, "/"))
    head, body = answer.split(b"\r\n\r\n", 1)
    check(status(answer) == "200" and b"Content-Security-Policy: default-src 'none'" in head, "the first page:", head)
    check(int(re.search(rb"Content-Length: (\d+)", head)[1]) == len(body), "the length is another one")
    check(asked(port, b"HEAD" + get(port, "/")[3:]) == head + b"\r\n\r\n", "HEAD is another head, or has a body")
    # One connection, two requests in one piece, and the answers one after the other.
    both = asked(port, get(port, "/book.css", b"") + get(port, "/book.js"))
    check(both.count(b"HTTP/1.1 200 OK") == 2, "the second request on a connection:", both[:300])
    for path in ["/nothing", "/../Package.swift", "/%2e%2e/Package.swift", "//etc/passwd", "/source/", "/data/x~1=EINTR.js",
                 "/data/accept~9999=EINTR.js", "/data/..~x.js"]:
        check(status(asked(port, get(port, path))) == "404", path, "is there")
    form = asked(port, b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 3\r\n\r\na=b" % port)
    check(status(form) == "405" and b"\r\nAllow: GET, HEAD\r\n" in form, "a form:", form)
    check(b"GET or HEAD" in form, "it does not say what can be done:", form)
    for host in [b"evil.example", b"127.0.0.1", b"127.0.0.1:1"]:
        check(status(asked(port, b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % host)) == "421", host, "is answered")


def garbage(port, folder):
    """Each file is a request; its name begins with what it gets."""
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            request = file.read().replace(b"PORT", b"%d" % port)
        got = status(asked(port, request))
        check(got == name.split("-")[0], name, "gets", got)
    check(status(asked(port, b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n")) == "431", "a long request")
    check(status(asked(port, b"x" * 5_000_000)) == "431", "a very long one")
    check(status(asked(port, get(port, "/"))) == "200", "after all of this")


def crowd(port):
    """A thousand, at most a hundred at a time are served; the others are told so."""
    def one(_):
        return status(asked(port, get(port, "/book.css")))
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(1000)))
    check(set(answers) == {"200"}, "fifty at a time:", {answer: answers.count(answer) for answer in set(answers)})
    idle = [connect(port) for _ in range(100)]
    # Each of them has been seen by the loop once it has answered a request.
    for client in idle:
        client.sendall(get(port, "/book.css", b""))
        client.recv(1)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: status(asked(port, get(port, "/"))), range(100)))
    check(set(answers) == {"503"}, "beside a hundred idle ones:", set(answers))
    for client in idle:
        client.close()
    for _ in range(100):
        if status(asked(port, get(port, "/"))) == "200":
            return check(True)
    check(False, "when they have gone, nobody is served")


def slow(port):
    """Who sends a byte now and then is hung up on, in the time of one who sends nothing."""
    start = time.monotonic()
    silent, slow = connect(port), connect(port)
    slow.setblocking(False)
    ended = None
    with selectors.DefaultSelector() as selector:
        selector.register(slow, selectors.EVENT_READ)
        for byte in get(port, "/" + "x" * 400):
            try:
                slow.send(bytes([byte]))
            except (BrokenPipeError, ConnectionResetError):
                pass
            if selector.select(0.1):
                ended = time.monotonic() - start
                break
    check(ended and ended < 30, "a byte at a time is served for", ended)
    check(all_of(silent) == b"", "who is silent gets an answer")
    # And who does not read what they asked for.
    deaf = connect(port)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    request, sent = get(port, "/data/search.js", b""), 0
    try:
        for _ in range(2000):
            sent += deaf.send(request)
    except BlockingIOError:
        pass
    check(sent > 0 and status(asked(port, get(port, "/"))) == "200", "one who does not read stops the others")
    deaf.close()


def stop(program):
    """Ctrl-C ends it at once, with clients connected, and the port is free again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [program, "book", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_DFL),
                            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])))
    line = server.stdout.readline()
    check(line == f"the book is at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n", "it says", line)
    for address in ["127.0.0.2", "::1"]:
        try:
            socket.create_connection((address, port), timeout=5).close()
            check(False, "it listens on", address)
        except OSError:
            check(True)
    taken = subprocess.run([program, "book", "--port", str(port)], capture_output=True, text=True)
    check(taken.returncode == 2 and "EADDRINUSE" in taken.stderr, "a port in use:", taken.returncode, taken.stderr)
    clients = [connect(port) for _ in range(20)]
    clients[0].sendall(b"GET / HT")
    clients[1].sendall(get(port, "/", b""))
    clients[1].recv(1)
    start = time.monotonic()
    server.send_signal(signal.SIGINT)
    code = server.wait(60)
    check(code == 0 and time.monotonic() - start < 5, "Ctrl-C:", code, time.monotonic() - start)
    said = server.stderr.read()
    check(not said, "it complains:", said)


if sys.argv[1] == "stop":
    stop(sys.argv[2])
elif sys.argv[1] == "slow":
    slow(int(sys.argv[2]))
else:
    port = int(sys.argv[1])
    pages(port)
    garbage(port, sys.argv[2])
    crowd(port)
print(f"{looked} looked at, {len(wrong)} wrong")
sys.exit(1 if wrong or not looked else 0)
