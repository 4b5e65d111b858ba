"""The short-lived process that talks to AWS: calls as JSON on stdin, one answer a line on stdout.

Law: it is run by its path (``python -I aws_worker.py``) and imports nothing of keeplit, so a call costs botocore and no
more; when it ends, its memory comes back, and when a call hangs it can be killed. Secrets come and go through the two
pipes alone. It says what was answered; what that means is for `keeplit.core.answers`.
"""

import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

Call = Mapping[str, Any]
"""One call: service, region, endpoint (or null), operation and parameters as botocore names them."""

HEADERS = {"date": "date", "retry-after": "retry_after"}
CONFIG_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


def main() -> int:
    """Answer every call of the request on stdin, in their order; each answer is out before the next call begins."""
    asked = json.loads(sys.stdin.buffer.read())
    clients: dict[tuple[str, ...], Any] = {}
    for call in asked["calls"]:
        told = answer(call, asked["connect_seconds"], asked["read_seconds"], clients)
        sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


def answer(
    call: Call, connect_seconds: float, read_seconds: float, clients: dict[tuple[str, ...], Any]
) -> dict[str, Any]:
    """Return what came of one call, in the fields of `keeplit.core.answers.Answer`; never an exception's text."""
    from botocore.exceptions import ClientError

    seen: dict[str, Any] = {}
    try:
        where = (call["service"], call["region"], call["endpoint"] or "")
        if where not in clients:
            clients[where] = _client(*where, connect_seconds, read_seconds)
        client = clients[where]
        client.meta.events.register("before-parse", partial(_note, seen), unique_id="keeplit")
        try:
            fields = getattr(client, call["operation"])(**call["parameters"])
        finally:
            client.meta.events.unregister("before-parse", unique_id="keeplit")
    except ClientError as refusal:
        error = str(refusal.response.get("Error", {}).get("Code", ""))
        oauth_error = seen.pop("oauth_error", "")
        return {**seen, "error": oauth_error if not error or error.isdecimal() else error}
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller learns its kind; the text can hold a secret
        return {**seen, "failure": "garbage" if seen.get("status") else _kind(error)}
    seen.pop("oauth_error", None)
    fields.pop("ResponseMetadata", None)
    return {**seen, "fields": fields}


def _client(service: str, region: str, endpoint: str, connect_seconds: float, read_seconds: float) -> Any:  # noqa: ANN401 - made at run time
    from botocore.exceptions import BotoCoreError

    try:
        return _make_client(service, region, endpoint, connect_seconds, read_seconds)
    except BotoCoreError:
        # A config file that cannot be read must not stop a renewal, which needs nothing from it.
        os.environ.update(dict.fromkeys(CONFIG_FILES, os.devnull))
        return _make_client(service, region, endpoint, connect_seconds, read_seconds)


def _make_client(service: str, region: str, endpoint: str, connect_seconds: float, read_seconds: float) -> Any:  # noqa: ANN401 - made at run time
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.loaders import Loader
    from botocore.session import Session

    session = Session()
    # Rule sets say where a token is sent: they come from botocore itself, not from a folder that a config file names.
    own = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", own)
    settings: dict[str, Any] = {
        "signature_version": UNSIGNED,
        "connect_timeout": connect_seconds,
        "read_timeout": read_seconds,
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "defaults_mode": "legacy",
        "ignore_configured_endpoint_urls": True,
    }
    if endpoint.startswith("http://"):  # this machine (checked by the caller), and no proxy is to see the token
        settings["proxies"] = {}
    return session.create_client(service, region_name=region, endpoint_url=endpoint or None, config=Config(**settings))


def _note(seen: dict[str, Any], response_dict: Mapping[str, Any], **_: object) -> None:
    """Keep what botocore drops when an answer makes no sense: the status, the headers, and whether it is a page."""
    headers, body = response_dict["headers"], response_dict["body"]
    seen["status"] = response_dict["status_code"]
    seen.update({name: headers[header] for header, name in HEADERS.items() if header in headers})
    seen["page"] = headers.get("content-type", "").startswith("text/html") or body.lstrip()[:1] == b"<"
    try:
        error = json.loads(body).get("error", "")
    except (ValueError, AttributeError):
        return
    if isinstance(error, str) and error:  # RFC 6749's name, for where a proxy has taken the header off
        seen["oauth_error"] = "".join(part.title() for part in error.split("_")) + "Exception"


def _kind(error: Exception) -> str:
    from botocore import exceptions as said

    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        ((said.ConnectTimeoutError, said.ReadTimeoutError), "timeout"),
        (said.SSLError, "tls"),
        (said.ProxyConnectionError, "proxy"),
        ((said.HTTPClientError, said.ConnectionError), "network"),
        ((said.BotoCoreError, ValueError), "settings"),
    )
    return next((kind for classes, kind in kinds if isinstance(error, classes)), type(error).__name__)


if __name__ == "__main__":
    sys.exit(main())
