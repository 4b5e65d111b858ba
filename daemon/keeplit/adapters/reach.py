"""Whether a service answers: one request to its address, as AWS's tools would send it, by the standard library.

Law: nothing of a person goes along: no token, no key, no cookie. Any answer counts, a refusal too; redirects are not
followed. The proxy and the CA bundle are those that `environ` names; this very machine is asked without a proxy.
"""

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from keeplit.adapters import clock

SECONDS = 3.0  # of a step on the way; a network that swallows packets costs no more
IN_ALL = 4.0  # the name lookup too, which takes no time-out
LOOPBACK = ("127.0.0.1", "localhost", "::1")
BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
MEANT_FOR_THE_PROXY = 407


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `failure` is empty where something answered, else as in `keeplit.core.answers.FAILURES`."""

    failure: str = ""
    status: int = 0
    took: timedelta = timedelta(0)
    skew: timedelta | None = None


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: that something answered is all that is asked."""

    def redirect_request(  # the library's own hook
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


def ask(url: str, environ: Mapping[str, str], seconds: float = SECONDS) -> Answer:
    """Return what an address answers within so many seconds a step, and `IN_ALL`. It raises nothing."""
    answers: list[Answer] = []
    # No pool: Python waits for its threads at the end, and one that looks up a name cannot be stopped.
    asking = threading.Thread(target=lambda: answers.append(_asked(url, environ, seconds)), daemon=True)
    asking.start()
    asking.join(IN_ALL)
    return answers[0] if answers else Answer("timeout")


def _asked(url: str, environ: Mapping[str, str], seconds: float) -> Answer:
    began = clock.monotonic()
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return Answer("endpoint")
        if not _is_on_the_way(parts.hostname, environ):
            return Answer("network")
        request = urllib.request.Request(url, method="GET", headers={"User-Agent": "keeplit"})  # noqa: S310  # checked
        opener = _opener(parts.hostname, environ, secure=parts.scheme == "https")
        if opener is None:
            return Answer("tls")
        with opener.open(request, timeout=seconds) as answer:
            return _answered(answer.status, answer.headers, began)
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code == MEANT_FOR_THE_PROXY:
                return Answer("proxy", answer.code)
            return _answered(answer.code, answer.headers, began)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(_kind(error))


def _is_on_the_way(host: str, environ: Mapping[str, str]) -> bool:
    """Whether a host can be asked at all: without a route, looking up its name alone can take half a minute."""
    return host in LOOPBACK or bool(_proxies(host, environ)) or has_route()


def has_route() -> bool:
    """Whether packets could leave this machine; none is sent."""
    for family, place in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # RFC 5737, RFC 3849
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as datagram:
                datagram.connect((place, 9))
        except OSError:
            continue
        return True
    return False


def _opener(host: str, environ: Mapping[str, str], *, secure: bool) -> urllib.request.OpenerDirector | None:
    """Return what opens addresses; None where the CA bundle that is named cannot be used."""
    bundle = next((environ[name] for name in BUNDLES if environ.get(name)), None)
    try:
        trusted = ssl.create_default_context(cafile=bundle if secure else None)
    except OSError:
        return None
    proxies = {} if host in LOOPBACK else _proxies(host, environ)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=trusted), _Stay()
    )


def _proxies(host: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the proxies of an environment that count for a host, as urllib takes them."""
    found = {
        kind: environ.get(f"{kind}_proxy") or environ.get(f"{kind.upper()}_PROXY", "") for kind in ("http", "https")
    }
    named = environ.get("no_proxy") or environ.get("NO_PROXY", "")
    if urllib.request.proxy_bypass_environment(host, {"no": named}):  # type: ignore[attr-defined]  # typeshed lacks it
        return {}
    return {kind: url for kind, url in found.items() if url}


def _answered(status: int, headers: Message, began: float) -> Answer:
    took = timedelta(seconds=clock.monotonic() - began)
    return Answer("", status, took, _skew(str(headers.get("Date", "")), clock.now()))


def _skew(date: str, now: datetime) -> timedelta | None:
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return (told if told.tzinfo is not None else told.replace(tzinfo=UTC)) - now


def _kind(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLError):
        return "tls"
    if isinstance(reason, TimeoutError):
        return "timeout"
    return "proxy" if "Tunnel connection failed" in str(reason) else "network"
