# Writes without pause and reads every answer. Is anybody else heard meanwhile?
import socket, threading

s = socket.create_connection(("127.0.0.1", 9006))

def write():
    while True:
        s.sendall(b"x" * 65536)

threading.Thread(target=write, daemon=True).start()
while s.recv(65536):
    pass
