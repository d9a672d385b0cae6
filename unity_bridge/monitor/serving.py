"""Owns the page's web server: files, the WebSocket with its key, and the thread all of it runs in."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import uvicorn
import uvicorn.lifespan.off
import uvicorn.loops.asyncio  # uvicorn finds these two by name, which a bundle's builder does not see
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol

from emotion_runtime import monitor
from emotion_runtime.errors import UsageError
from unity_bridge.monitor.guard import KEY_PATIENCE_S, LARGEST_QUESTION, MOST_PAGES, SECURITY, Names, fresh_key, is_key
from unity_bridge.monitor.talk import Message, Talk

ASSETS: Final = Path(monitor.__file__).parent / "assets"
HOST: Final = "127.0.0.1"
"""Pages are for this machine, whoever else the sidecar lets in."""
FILES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
}
UNBUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>emotion-runtime</title>
<h1>This page is not built yet</h1>
<p>The Python part works. The page itself is built once, with node: run <code>make monitor</code> in the checkout, then
reload. An installed wheel and a game bundle bring it along.</p></html>
"""
BEAT_S: Final = 1 / 30
"""Pages are sent what is new this often; two frames at a time at 60 ticks a second."""
WRONG_KEY, TOO_MANY = 4401, 4429


class MonitorServer:
    """Serves pages on loopback from a thread of its own. `talk` makes the conversation of one page with one run."""

    def __init__(
        self,
        runs: Mapping[str, Callable[[], Talk]],
        *,
        port: int = 0,
        key: str = "",
        assets: Path = ASSETS,
    ) -> None:
        """Bind and start. `runs` by name: `a` is the page's own, `b` one to compare with. Raises UsageError."""
        self._runs = dict(runs)
        self._key = key or fresh_key()
        self._assets = assets
        self._socket = _bound(port)
        self.port = int(self._socket.getsockname()[1])
        self._names = Names(HOST, self.port)
        self._pages: set[Talk] = set()
        self.counts: Counter[str] = Counter()
        """Pages opened and closed, requests refused by reason, frames sent and skipped to pages that left."""
        self._server, self._thread = self._start()

    @property
    def url(self) -> str:
        """Where the page is, with its key behind the `#`, which browsers send to nobody."""
        return f"http://{HOST}:{self.port}/#{self._key}"

    def report(self) -> dict[str, int]:
        """Figures: pages open now, and `counts` with those of the open pages."""
        total = Counter(self.counts)
        for page in list(self._pages):
            total.update(page.counts)
        return {"pages": len(self._pages), **dict(total)}

    def close(self) -> None:
        """End the thread and unbind. A second call does nothing."""
        self._server.should_exit = True
        self._thread.join(timeout=5.0)
        self._socket.close()

    def __enter__(self) -> MonitorServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> tuple[Any, threading.Thread]:
        config = uvicorn.Config(
            self._app(),
            ws=WSProtocol,
            http=H11Protocol,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=LARGEST_QUESTION,
            ws_per_message_deflate=False,
            limit_concurrency=4 * MOST_PAGES,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([self._socket],), name="monitor", daemon=True)
        thread.start()
        return server, thread

    def _app(self) -> Starlette:
        routes: list[Any] = [Route(path, self._file, methods=["GET"]) for path in FILES]
        return Starlette(routes=[*routes, WebSocketRoute("/ws/{run}", self._page)])

    async def _file(self, request: Request) -> Response:
        if not self._names.allow(request.headers, socket=False):
            self.counts["foreign_requests"] += 1
            return Response("not for you\n", 403, SECURITY, "text/plain")
        name, kind = FILES[request.url.path]
        file = self._assets / name
        if not file.is_file():
            return Response(UNBUILT, 503, SECURITY, "text/html; charset=utf-8")
        return Response(file.read_bytes(), 200, SECURITY, kind)

    async def _page(self, socket: WebSocket) -> None:
        make = self._runs.get(socket.path_params["run"])
        if make is None or not self._names.allow(socket.headers, socket=True):
            self.counts["foreign_sockets"] += 1
            await socket.close(1008)
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            try:
                key = await asyncio.wait_for(socket.receive_text(), KEY_PATIENCE_S)
            except (TimeoutError, KeyError):
                key = ""
            if not is_key(key, self._key):
                self.counts["wrong_keys"] += 1
                await socket.close(WRONG_KEY, "wrong key")
            elif len(self._pages) >= MOST_PAGES:
                self.counts["too_many_pages"] += 1
                await socket.close(TOO_MANY, "too many pages")
            else:
                await self._serve(socket, make())

    async def _serve(self, socket: WebSocket, talk: Talk) -> None:
        self._pages.add(talk)
        self.counts["opened"] += 1
        listening = asyncio.create_task(_listen(socket, talk))
        try:
            while not listening.done():
                for message in talk.due():
                    await _send(socket, message)
                await asyncio.sleep(BEAT_S)
        finally:
            listening.cancel()
            self._pages.discard(talk)
            self.counts.update(talk.counts)
            self.counts["closed"] += 1


async def _listen(socket: WebSocket, talk: Talk) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, KeyError):
        while True:
            talk.hear(await socket.receive_text())


async def _send(socket: WebSocket, message: Message) -> None:
    if isinstance(message, bytes):
        await socket.send_bytes(message)
    else:
        await socket.send_text(message)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
        bound.listen(128)  # whoever comes before the thread is up waits, and is not refused
    except (OSError, OverflowError) as error:
        bound.close()
        raise UsageError(
            "port_in_use", f"the page cannot listen on {HOST}:{port}: {error}", "name another port, or 0 for a free one"
        ) from None
    return bound
