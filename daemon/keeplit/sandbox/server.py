"""The sandbox's HTTP server on 127.0.0.1, and `Sandbox`, which starts and stops it.

One address serves everything: ``sso-oidc`` and ``sso`` at its root, STS under ``/sts``, Bedrock under ``/bedrock``.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from keeplit.sandbox import bedrock, control, model_access, oidc, pages, portal, sts
from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.directory import SMALL_COMPANY, Directory
from keeplit.sandbox.faults import Faults
from keeplit.sandbox.identity import Identity
from keeplit.sandbox.nouns import Lifetimes, World
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.request_log import RequestLog
from keeplit.sandbox.role_credentials import Vault
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.sessions import Sessions
from keeplit.sandbox.wire import Request, Response, page

_AWS = (*oidc.ROUTES, *portal.ROUTES, *sts.ROUTES, *bedrock.ROUTES, *model_access.ROUTES)
_ROUTES = (*_AWS, *pages.ROUTES, *control.ROUTES)
_BODY_LIMIT = 1 << 20


@dataclass(slots=True)
class Sandbox:
    """An Identity Center, portal, STS and Bedrock, alive between ``with Sandbox() as sandbox:`` and its end."""

    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    world: World = field(default_factory=World)
    clock: Clockwork = field(default_factory=Clockwork)
    directory: Directory = SMALL_COMPANY
    start_urls: frozenset[str] = frozenset()
    """The start URLs there are; empty: any."""
    port: int = 0
    """The port to listen on; 0: any free one."""
    service: Service = field(init=False)
    _server: _Server = field(init=False, repr=False)
    _thread: Thread = field(init=False, repr=False)

    def __enter__(self) -> Self:
        """Listen, and answer from a thread."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self.port = self._server.server_port
        sessions = Sessions(self.clock, self.lifetimes, self.world)
        self.service = self._server.service = Service(
            url=self.url,
            clock=self.clock,
            identity=Identity(self.clock, sessions, self.start_urls),
            directory=self.directory,
            vault=Vault(self.clock, self.lifetimes),
            faults=Faults(),
            log=RequestLog(),
        )
        self._thread = Thread(target=self._server.run, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once: connections that are idle or hang are cut."""
        self._server.stop(self._thread)

    @property
    def url(self) -> str:
        """Return the address, such as ``http://127.0.0.1:40123``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def identity(self) -> Identity:
        """Return the Identity Center's state; `Identity.sessions` has the administrator's deeds."""
        return self.service.identity

    @property
    def sessions(self) -> Sessions:
        """Return the sign-in sessions: revoke, shorten, reject."""
        return self.service.identity.sessions

    @property
    def faults(self) -> Faults:
        """Return the switchboard of faults."""
        return self.service.faults

    @property
    def log(self) -> RequestLog:
        """Return the request log."""
        return self.service.log

    def secrets(self) -> frozenset[str]:
        """Return everything secret that was ever given out, for tests that search what was written."""
        return self.identity.secrets() | self.service.vault.secrets()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    service: Service

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.turn = Lock()
        self.stopping = Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer asks DNS for the address's name here, which can take seconds on a machine without a network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request_thread(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up, or is cut off by a fault, is no news here."""

    def run(self) -> None:
        # serve_forever would look twenty times a second whether it is to stop.
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self, runner: Thread) -> None:
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.server_port)).close()
        runner.join()
        self.server_close()
        for connection in tuple(self._open):
            _cut(connection)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "keeplit-sandbox"
    sys_version = ""
    # One write for each answer: two small ones would wait 40 ms for each other (Nagle and delayed ACK).
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        """Write nothing: request lines hold codes."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        if timestamp is not None:
            return super().date_time_string(timestamp)
        service = self.server.service
        return format_datetime(service.clock() + service.faults.skew, usegmt=True)

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _BODY_LIMIT:
            self._write(page("Too much.", 413))
            self.close_connection = True
            return
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(target.path),
            query=dict(parse_qsl(target.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        route = next(
            (one for one in _ROUTES if one.method == request.method and one.path.fullmatch(request.path)), None
        )
        # Only pages of our own address may talk to us: a foreign site that resolves to 127.0.0.1 may not.
        at_home = urlsplit(f"//{self.headers.get('Host', '')}").hostname in {"127.0.0.1", "localhost"}
        if route is None or not at_home:
            self._write(page("There is nothing here.", 404))
        else:
            self._obey(route, request)

    def _obey(self, route: Route, request: Request) -> None:
        service, faults = self.server.service, self.server.service.faults
        if route.operation == control.OPERATION:
            self._write(_handled(route, service, request))
            return
        fault = faults.take(route.operation)
        self.server.stopping.wait(faults.latency.total_seconds())
        match fault.kind if fault else None:
            case "hang" | "drop" | "lost" as kind:
                outcome = self._turn(route, request) if kind == "lost" else Response()
                service.log.add(service.clock(), route.operation, kind, session=outcome.session, client=outcome.client)
                if fault is not None and kind == "hang":
                    self.server.stopping.wait(fault.seconds)
                self.close_connection = True
                _cut(self.connection)
                return
            case None:
                response = self._turn(route, request)
            case _:
                response = fault.response(route.refuse) if fault else Response()
        outcome_name = response.outcome or str(response.status)
        service.log.add(
            service.clock(), route.operation, outcome_name, session=response.session, client=response.client
        )
        self._write(response)

    def _turn(self, route: Route, request: Request) -> Response:
        with self.server.turn:
            return _handled(route, self.server.service, request)

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)


def _handled(route: Route, service: Service, request: Request) -> Response:
    try:
        return route.handle(service, request)
    except Refused as refusal:
        return route.refuse(refusal)
    except Exception:  # noqa: BLE001 - whatever a client sent, it is told so, and the server goes on
        return replace(
            route.refuse(Refused("InternalServerException", "The sandbox failed", status=500)), outcome="sandbox failed"
        )


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
