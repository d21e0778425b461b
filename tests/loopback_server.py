"""An HTTP server on this machine for tests: answers by path, remembers what came."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, override


@dataclass
class Answer:
    """What a path gives. `body` may be a function that writes in pieces of its own."""

    body: bytes = b""
    type: str = "audio/wav"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[Any], None] | None = None


class LoopbackServer:
    """Down until `open`; connections are refused till then. Use it with `with`."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        """Method and path of every request."""
        self.posted: list[dict[str, Any]] = []
        """JSON bodies, in order."""
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._server: HTTPServer | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def open(self) -> None:
        """Begin to answer."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                outer.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._answer()

            def _answer(self) -> None:
                outer.asked.append(f"{self.command} {self.path}")
                answer = outer.answers.get(self.path, Answer(status=404))
                self.send_response(answer.status)
                for name, value in {
                    "Content-Type": answer.type,
                    "Content-Length": str(len(answer.body)),
                    **answer.headers,
                }.items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    answer.write(self.wfile) if answer.write else self.wfile.write(answer.body)

            @override
            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = HTTPServer(self._socket.getsockname(), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = self._socket
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "LoopbackServer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()
            self._thread.join()
        self._socket.close()
