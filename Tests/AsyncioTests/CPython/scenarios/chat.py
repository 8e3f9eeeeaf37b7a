"""The source document's program, its server and its client, in one loop."""

from stage import Stage, recorder, scenario


@scenario
def chat():
    stage = Stage()
    loop = stage.loop
    listener = stage.listener()
    client = stage.socket("client")
    handler = None

    async def handle_client(connection, address):
        message = ""
        while message != "quit":
            data = await loop.sock_recv(connection, 1024)
            if not data:
                break
            message = data.decode()
            recorder.printed("server", f"got from {address}: {message}")
            await loop.sock_sendall(connection, b"got message")
        connection.close()

    async def serve():
        nonlocal handler
        while True:
            connection, address = await loop.sock_accept(listener)
            recorder.printed("server", f"connected to client:  {address}")
            client_handler = handle_client(connection, address)
            handler = loop.create_task(client_handler, name="handler")

    async def talk():
        await loop.sock_connect(client, stage.place)
        for message in ["ack from client connect success", "hello world", "quit"]:
            await loop.sock_sendall(client, message.encode())
            if message == "quit":
                break
            answer = await loop.sock_recv(client, 1024)
            recorder.printed("client", answer.decode())
        client.close()
        await handler
        server.cancel()

    server = loop.create_task(serve(), name="server")
    stage.run(talk(), "client")
