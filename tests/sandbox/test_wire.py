"""Requests and responses without sockets."""

from __future__ import annotations

import pytest

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.wire import Request, text_of, texts_of


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null"])
def test_body_must_be_a_json_object(body: bytes) -> None:
    """Anything else is an invalid request."""
    with pytest.raises(Refused, match="not a JSON object"):
        Request("POST", "/token", {}, {}, body).json()


def test_empty_body_is_an_empty_object() -> None:
    """What is missing in it is then named."""
    fields = Request("POST", "/token", {}, {}, b"").json()
    with pytest.raises(Refused, match="Missing or wrong parameter: clientId"):
        text_of(fields, "clientId")


def test_request_shows_no_secret() -> None:
    """Neither body, query nor headers are in a request's repr."""
    request = Request("POST", "/token", {"code": "s3cret"}, {"x-amz-sso_bearer_token": "s3cret"}, b"s3cret")
    assert repr(request) == "Request(method='POST', path='/token')"


def test_lists_keep_only_text() -> None:
    """Scopes of a wrong type are left out, and a wrong list is none."""
    assert (texts_of({"scopes": ["a", 1]}, "scopes"), texts_of({"scopes": "a"}, "scopes")) == (("a",), ())
