"""The switchboard, and what its transport faults do to a real client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from keeplit.sandbox.faults import ANY, Fault, Faults
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]


def test_faults_count_down_and_follow_one_another() -> None:
    """Each lasts as many calls as it says, in the order injected."""
    faults = Faults()
    faults.inject("CreateToken", Fault("drop", times=2))
    faults.inject("CreateToken", Fault("slow_down", times=1))
    taken = [faults.take("CreateToken") for _ in range(4)]
    assert [one.kind if one else None for one in taken] == ["drop", "drop", "slow_down", None]
    assert faults.armed() == {}


def test_fault_without_a_number_lasts_until_cleared() -> None:
    """An operation's own fault comes before that of any operation, and clearing mends one or all."""
    faults = Faults(latency=timedelta(seconds=1))
    faults.inject(ANY, Fault("server_error"))
    faults.inject("Logout", Fault("drop"))
    seen = [faults.take("Logout"), faults.take("Logout"), faults.take("ListAccounts")]
    assert [one.kind if one else None for one in seen] == ["drop", "drop", "server_error"]
    faults.clear("Logout")
    assert faults.take("Logout") == Fault("server_error")
    faults.clear()
    assert (faults.take("Logout"), faults.latency) == (None, timedelta())


def test_no_such_fault() -> None:
    """A kind that does not exist is an error at once, not a fault that never happens."""
    with pytest.raises(ValueError, match="no such fault: flood"):
        Faults().inject(ANY, Fault("flood"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("html", times=1, status=503), ClientError),
        (Fault("garbage", times=1), UnicodeDecodeError),
        (Fault("drop", times=1), BotoCoreError),
        (Fault("hang", times=1, seconds=0.2), BotoCoreError),
    ],
)
def test_broken_answers(sign_in: SignIn, sandbox: Sandbox, fault: Fault, error: Any) -> None:
    """A real client fails on each, nothing was done, and the next call works."""
    signed_in = sign_in()
    sandbox.faults.inject("CreateToken", fault)
    with pytest.raises(error):
        signed_in.refresh()
    assert signed_in.refresh()["expiresIn"] == 3600
    assert [one.outcome for one in sandbox.log.of("CreateToken")] == ["200", fault.kind, "200"]


def test_page_of_a_proxy_is_an_empty_answer(sign_in: SignIn, sandbox: Sandbox) -> None:
    """HTML with status 200 raises nothing in botocore: the answer merely holds no token."""
    signed_in = sign_in()
    sandbox.faults.inject("CreateToken", Fault("html", times=1))
    assert "accessToken" not in signed_in.refresh()
    assert "accessToken" in signed_in.refresh()


def test_lost_answer_burns_the_refresh_token(sign_in: SignIn, sandbox: Sandbox) -> None:
    """The service rotated, nobody heard of it: the old refresh token is dead."""
    signed_in = sign_in()
    sandbox.faults.inject("CreateToken", Fault("lost", times=1))
    with pytest.raises(BotoCoreError):
        signed_in.refresh()
    with pytest.raises(ClientError, match="InvalidGrantException"):
        signed_in.refresh()


def test_hang_outlasts_a_clients_patience(sign_in: SignIn, sandbox: Sandbox, client_of: Callable[..., Any]) -> None:
    """A client with a read timeout gives up while the server holds its tongue."""
    token = sign_in().token["accessToken"]
    sandbox.faults.inject("ListAccounts", Fault("hang", times=1))
    impatient = client_of("sso", read_timeout=0.1)
    with pytest.raises(BotoCoreError, match="Read timeout"):
        impatient.list_accounts(accessToken=token)


def test_retry_after_reaches_the_client(sign_in: SignIn, sandbox: Sandbox) -> None:
    """A throttled answer says when to come back, if the fault does."""
    signed_in = sign_in()
    sandbox.faults.inject("CreateToken", Fault("throttle", times=1, retry_after=7))
    with pytest.raises(ClientError) as refused:
        signed_in.refresh()
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"


def test_skewed_date(sign_in: SignIn, sandbox: Sandbox) -> None:
    """The Date header is as far off as was asked."""
    sandbox.faults.skew = timedelta(minutes=-5)
    headers = sign_in().token["ResponseMetadata"]["HTTPHeaders"]
    assert parsedate_to_datetime(headers["date"]) == sandbox.clock() - timedelta(minutes=5)


def test_latency(sign_in: SignIn, sandbox: Sandbox, client_of: Callable[..., Any]) -> None:
    """Every answer comes late, later than a hasty client waits."""
    token = sign_in().token["accessToken"]
    sandbox.faults.latency = timedelta(seconds=0.3)
    with pytest.raises(BotoCoreError, match="Read timeout"):
        client_of("sso", read_timeout=0.05).list_accounts(accessToken=token)
    assert len(client_of("sso").list_accounts(accessToken=token)["accountList"]) == 3
