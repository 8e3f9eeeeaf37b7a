import errno, socket, time

def ask(where, times):
    s = socket.socket()
    s.setblocking(False)
    for _ in range(times):
        print(errno.errorcode.get(s.connect_ex(where), 0), end=" ")
        time.sleep(0.1)
    print()

listener = socket.create_server(("127.0.0.1", 0))
ask(listener.getsockname(), 3)
ask(("127.0.0.1", 1), 4)
