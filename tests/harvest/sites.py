"""Web sites of others on this machine, as a harvester meets them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What a site was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What a site answers."""

    body: bytes | str = b""
    content_type: str = "text/turtle"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Body = bytes | str | Callable[[Request], "bytes | str | Reply"]


class Site:
    """A web site on loopback; a test says what is where.

    A body may be a function of the request that gives a body or a whole :class:`Reply`: so
    pages, faults that pass, and redirects are made.  ``asked`` is every request in its order.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._routes: dict[str, tuple[Body, str, int, Mapping[str, str]]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body go out apart: else each answer waits 40 ms to be acknowledged.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                site._answer(self)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def put(
        self,
        path: str,
        body: Body = b"",
        content_type: str = "text/turtle",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Put something at a path; its address."""
        self._routes[path] = (body, content_type, status, headers or {})
        return self.address + path

    def remove(self, path: str) -> None:
        """Take away what is at a path."""
        del self._routes[path]

    def moved(self, path: str, to: str, status: int = 302) -> str:
        """Let a path lead elsewhere."""
        return self.put(path, b"", "text/html", status, {"Location": to})

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one.path == path for one in self.asked)

    def close(self) -> None:
        """Close the site."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        size = int(handler.headers.get("Content-Length") or 0)
        request = Request(
            handler.command,
            parts.path,
            query,
            {k.lower(): v for k, v in handler.headers.items()},
            handler.rfile.read(size) if size else b"",
        )
        self.asked.append(request)
        body, content_type, status, headers = self._routes.get(
            # The whole of it first, so that pages may be routes of their own.
            handler.path,
            self._routes.get(parts.path, (b"There is nothing here.", "text/plain", 404, {})),
        )
        if callable(body):
            body = body(request)
        if isinstance(body, Reply):
            body, content_type, status, headers = (
                body.body,
                body.content_type,
                body.status,
                body.headers,
            )
        content = body.encode("utf-8") if isinstance(body, str) else body
        handler.send_response(status)
        if content_type:
            handler.send_header("Content-Type", content_type)
        for name, value in headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in headers:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)
