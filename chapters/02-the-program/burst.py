# Many clients at once. Each tells how long it took to be connected.
import socket, sys, threading, time

def client():
    begin = time.time()
    s = socket.create_connection(("127.0.0.1", 9006))
    s.sendall(b"hi")
    print(f"connected after {time.time() - begin:.0f} s\n", end="")
    time.sleep(2)

for _ in range(int(sys.argv[1])):
    threading.Thread(target=client).start()
