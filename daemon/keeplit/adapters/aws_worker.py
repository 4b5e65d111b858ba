"""The short-lived process that talks to AWS: calls as JSON on stdin, one answer a line on stdout.

Law: it is run by its path (``python -I aws_worker.py``) and imports nothing of keeplit, so a call costs botocore and no
more; when it ends, its memory comes back, and when a call hangs it can be killed. Secrets come and go through the two
pipes alone. It says what was answered; what that means is for `keeplit.core.answers`.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

Call = Mapping[str, Any]
"""One call: service, region, endpoint (or null), operation and parameters as botocore names them; where it is signed,
the keys as botocore's client takes them; where the answer has pages, ``"pages": true``, and they come as one.

Or a profile that assumes a role: profile, region (for where neither it nor the environment has one), endpoint of STS
(or null), cache (the AWS CLI's folder), source (the keys to assume it with, as botocore's client takes them, or null).
"""

Seconds = Mapping[str, float]
"""Its time-outs, as botocore names them."""

HEADERS = {"date": "date", "retry-after": "retry_after"}
SPEAK_XML = frozenset({"query", "rest-xml", "ec2"})  # protocols whose answers look like a page, as those of STS
CONFIG_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


def main() -> int:
    """Answer every call of the request on stdin, in their order; each answer is out before the next call begins."""
    asked = json.loads(sys.stdin.buffer.read())
    seconds = {"connect_timeout": asked["connect_seconds"], "read_timeout": asked["read_seconds"]}
    clients: dict[tuple[str, ...], Any] = {}
    for call in asked["calls"]:
        told = assumed(call, seconds) if "profile" in call else answer(call, seconds, clients)
        sys.stdout.buffer.write(json.dumps(told, default=_date).encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


def answer(call: Call, seconds: Seconds, clients: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    """Return what came of one call, in the fields of `keeplit.core.answers.Answer`; never an exception's text."""
    seen: dict[str, Any] = {}

    def fields() -> dict[str, Any]:
        where, keys = (call["service"], call["region"], call["endpoint"] or ""), call.get("keys", {})
        whose = (*where, *keys.values())
        if whose not in clients:
            clients[whose] = _client(*where, seconds, **keys)
        client, operation, asked = clients[whose], call["operation"], call["parameters"]
        xml = client.meta.service_model.metadata["protocol"] in SPEAK_XML
        client.meta.events.register("before-parse", partial(_note, seen, xml=xml), unique_id="keeplit")
        try:
            if call.get("pages"):
                return dict(client.get_paginator(operation).paginate(**asked).build_full_result())
            return dict(getattr(client, operation)(**asked))
        finally:
            client.meta.events.unregister("before-parse", unique_id="keeplit")

    return _told(fields, seen)


def assumed(call: Call, seconds: Seconds) -> dict[str, Any]:
    """Return the role that a profile assumes: botocore resolves the profile, its chain and what it says of the role.

    The fields are the cached or fresh document of the role, the `key` of its file, and in `new` what is to be cached.
    """
    from botocore.credentials import AssumeRoleProvider
    from botocore.session import Session

    seen: dict[str, Any] = {}
    cache = _RoleCache(call["cache"])

    def client(service: str, **keys: str) -> Any:  # noqa: ANN401 - made at run time
        region = os.environ.get("AWS_REGION") or session.get_config_variable("region") or call["region"]
        made = _make_client(session, service, region, call["endpoint"] or "", seconds, **keys)
        made.meta.events.register("provide-client-params", partial(_begin, seen))
        made.meta.events.register("before-parse", partial(_note, seen, xml=True))
        return made

    def fields() -> dict[str, Any]:
        source = _Source(call["source"])
        provider = AssumeRoleProvider(
            load_config=lambda: session.full_config,
            client_creator=client,
            cache=cache,
            profile_name=call["profile"],
            prompter=_no_prompt,
            profile_provider_builder=source,
        )
        found = provider.load()
        if found is None:
            raise _Stopped("settings")
        found.get_frozen_credentials()
        return {"document": cache[cache.first]}

    session = Session(profile=call["profile"])
    told = {"status": 200, **_told(fields, seen)}
    told["fields"] = {**told.get("fields", {}), "key": cache.first, "new": cache.new, "role": told.pop("role", "")}
    return told


class _Stopped(Exception):  # noqa: N818 - it is no error of ours, and says by its one word why nothing was asked
    pass


class _Source:
    """The keys that a chain of roles begins with, where botocore would look them up by the profile it ends in."""

    METHOD = "keeplit"

    def __init__(self, keys: Mapping[str, str] | None) -> None:
        self.keys = keys

    def providers(self, **_: object) -> "list[_Source]":
        return [self]

    def load(self) -> "_Source":
        return self

    def get_frozen_credentials(self) -> Any:  # noqa: ANN401 - botocore's named tuple
        from botocore.credentials import ReadOnlyCredentials

        if self.keys is None:
            raise _Stopped("source")
        return ReadOnlyCredentials(**self.keys)


class _RoleCache:
    """The AWS CLI's role cache as botocore reads it; what is new is kept for the caller, who writes it whole."""

    def __init__(self, folder: str) -> None:
        from botocore.utils import JSONFileCache

        self.files = JSONFileCache(folder)
        self.first = ""  # botocore begins with the profile's own role, and goes down its chain from there
        self.new: dict[str, Any] = {}

    def __contains__(self, key: str) -> bool:
        from botocore.utils import parse_timestamp

        self.first = self.first or key
        try:
            found = self[key]["Credentials"]
            texts = [found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")]
            return all(isinstance(text, str) for text in texts) and parse_timestamp(texts[3]).tzinfo is not None
        except (LookupError, TypeError, ValueError, RecursionError):
            return False  # botocore would stop at a spoiled file for ever

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever the file holds
        return self.new[key] if key in self.new else self.files[key]

    def __setitem__(self, key: str, document: Any) -> None:  # noqa: ANN401 - AWS's answer
        self.new[key] = json.loads(json.dumps(document, default=_date))


def _date(value: datetime | bytes) -> str:
    if isinstance(value, bytes):  # as the use-case form: that it is there is all that is asked
        return ""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _no_prompt(_: str) -> str:
    raise _Stopped("mfa")


def _begin(seen: dict[str, Any], params: Mapping[str, Any], **_: object) -> None:
    """Forget the last call of a chain, and note which role is assumed now."""
    seen.clear()
    seen["role"] = params.get("RoleArn", "")


def _told(fields: Callable[[], dict[str, Any]], seen: dict[str, Any]) -> dict[str, Any]:
    """Return what came of what is asked; never an exception's text."""
    from botocore.exceptions import ClientError

    try:
        told = fields()
    except ClientError as refusal:
        error = str(refusal.response.get("Error", {}).get("Code", ""))
        oauth_error = seen.pop("oauth_error", "")
        return {**seen, "error": oauth_error if not error or error.isdecimal() else error}
    except _Stopped as stopped:
        return {**seen, "failure": stopped.args[0]}
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller learns its kind; the text can hold a secret
        return {**seen, "failure": "garbage" if seen.get("status") else _kind(error)}
    seen.pop("oauth_error", None)
    told.pop("ResponseMetadata", None)
    return {**seen, "fields": told}


def _client(service: str, region: str, endpoint: str, seconds: Seconds, **keys: str) -> Any:  # noqa: ANN401 - made at run time
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        return _make_client(Session(), service, region, endpoint, seconds, **keys)
    except BotoCoreError:
        # A config file that cannot be read must not stop a renewal, which needs nothing from it.
        os.environ.update(dict.fromkeys(CONFIG_FILES, os.devnull))
        return _make_client(Session(), service, region, endpoint, seconds, **keys)


def _make_client(session: Any, service: str, region: str, endpoint: str, seconds: Seconds, **keys: str) -> Any:  # noqa: ANN401 - botocore has no types
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.loaders import Loader

    # Rule sets say where a token is sent: they come from botocore itself, not from a folder that a config file names.
    own = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", own)
    settings: dict[str, Any] = {
        **({} if keys else {"signature_version": UNSIGNED}),
        **seconds,
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "defaults_mode": "legacy",
        "ignore_configured_endpoint_urls": True,
    }
    if endpoint.startswith("http://"):  # this machine (checked by the caller), and no proxy is to see the token
        settings["proxies"] = {}
    config = Config(**settings)
    return session.create_client(service, region_name=region, endpoint_url=endpoint or None, config=config, **keys)


def _note(seen: dict[str, Any], response_dict: Mapping[str, Any], *, xml: bool = False, **_: object) -> None:
    """Keep what botocore drops when an answer makes no sense: the status, the headers, and whether it is a page."""
    headers, body = response_dict["headers"], response_dict["body"]
    seen["status"] = response_dict["status_code"]
    seen.update({name: headers[header] for header, name in HEADERS.items() if header in headers})
    markup = body.lstrip()[:1] == b"<" and not (xml and headers.get("content-type", "").startswith("text/xml"))
    seen["page"] = markup or headers.get("content-type", "").startswith("text/html")
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
    # -I hides what `pip install --user` put beside this file; whoever can write there can write this file too.
    sys.path.insert(3, os.path.abspath(f"{__file__}/../../.."))  # noqa: PTH100  # behind Python's own three folders
    sys.exit(main())
