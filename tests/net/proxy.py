"""A TCP relay between a client and a sidecar that can cut every connection, or hold all bytes back."""

from __future__ import annotations

import selectors
import socket
import threading


class Proxy:
    """Listens on a free loopback port and relays to `target`; `cut` drops what is in flight, as a real loss does."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy")
        self._thread.start()
        self.connections = 0

    def cut(self) -> None:
        with self._lock:
            for end in list(self._pairs):
                self._close(end)

    def close(self) -> None:
        self._done.set()
        self._thread.join()
        self.cut()
        self._listener.close()
        self._selector.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._done.is_set():
            for key, _ in self._selector.select(0.05):
                with self._lock:
                    self._serve(key.fileobj)

    def _serve(self, ready: object) -> None:
        if ready is self._listener:
            here, _ = self._listener.accept()
            there = socket.create_connection(("127.0.0.1", self._target))
            self.connections += 1
            for one, other in ((here, there), (there, here)):
                self._pairs[one] = other
                self._selector.register(one, selectors.EVENT_READ)
            return
        assert isinstance(ready, socket.socket)
        peer = self._pairs.get(ready)
        if peer is None:
            return
        try:
            data = ready.recv(65536)
            if data:
                peer.sendall(data)
                return
        except OSError:
            pass
        self._close(ready)

    def _close(self, end: socket.socket) -> None:
        other = self._pairs.pop(end, None)
        if other is None:
            return
        self._pairs.pop(other, None)
        for one in (end, other):
            self._selector.unregister(one)
            one.close()
