# Connects, sends what it is told, and waits for one answer.
import socket, sys

s = socket.create_connection(("127.0.0.1", 9006))
s.sendall(eval(sys.argv[1]))
print(s.recv(1024))
