import contextlib
import os
import socketserver
import threading

from echo.client import default_port
from echo.protocol import answer


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(f"{answer(line.decode().rstrip())}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    # On Windows it would let two servers have one port.
    allow_reuse_address = os.name == "posix"
    daemon_threads = True


@contextlib.contextmanager
def serving(port=None):
    """Serve in the block; port 0 is any free one. Yields the port."""
    place = ("127.0.0.1", default_port() if port is None else port)
    with Server(place, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
