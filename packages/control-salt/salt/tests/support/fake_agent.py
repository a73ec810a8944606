"""An agent's API that answers what a test wants, and notes what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "t" * 43
INFOHASH = "ab" * 20


class FakeAgent:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.calls: list[tuple[str, str, Any]] = []
        self.tokens: set[str | None] = set()
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.url = ""

    def answer(self, method: str, path: str, body: Any, status: int = 200) -> None:
        self.answers[method, path] = (status, body)

    def problem(self, method: str, path: str, status: int, code: str, detail: str) -> None:
        self.answer(method, path, {"code": code, "detail": detail, "status": status}, status)

    @contextmanager
    def running(self) -> Iterator[FakeAgent]:
        agent = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                agent.calls.append((self.command, self.path, body))
                agent.tokens.add(self.headers.get("Authorization"))
                status, answer = agent.answers.get((self.command, self.path), (404, {"code": "route-unknown", "detail": "none"}))
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(0 if status == 204 else len(text)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = handle_any

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.announce(f"http://127.0.0.1:{server.server_port}")
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def announce(self, url: str) -> None:
        """Writes what a real agent leaves in its state directory."""
        self.url = url
        token_file = self.directory / "token"
        token_file.write_text(f"{TOKEN}\n")
        found = {"url": url, "tokenFile": str(token_file), "apiVersion": "1", "version": "1.2.3", "site": "de/muc", "pid": 1}
        (self.directory / "agent.json").write_text(json.dumps(found))


@contextmanager
def talking(write: bytes, times: int = 1) -> Iterator[str]:
    """The URL of a server that writes this again and again, whatever it is asked, and never closes; every 20 ms, as long as ``times``."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            for _ in range(times):
                try:
                    connection.sendall(write)
                except OSError:
                    break
                if stop.wait(0.02):
                    return
            stop.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        server.close()


def payload(name: str = "maps", **more: Any) -> dict:
    """A status as the agent tells it."""
    return {
        "name": name,
        "infohash": INFOHASH,
        "path": f"/srv/{name}",
        "mode": "download",
        "phase": "downloading",
        "complete": False,
        "percent": 43.21,
        "bytesDone": 4321,
        "bytesTotal": 10_000,
        "limits": {},
        **more,
    }
