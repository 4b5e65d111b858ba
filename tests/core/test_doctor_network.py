"""What the doctor says of the way to AWS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.aws_environment import Override
from keeplit.core.check import State
from keeplit.core.doctor_network import CHECKS, CODES, Reached, Way, address, host, reach, runtime, skew

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
QUICK = timedelta(milliseconds=40)
OIDC, BEDROCK = (
    Reached("sso-oidc", "oidc.host", took=QUICK, status=403),
    Reached("bedrock-runtime", "bedrock.host", took=QUICK),
)
SHUT = Reached("sso-oidc", "oidc.host", "network")
VPC = (
    "bedrock-runtime",
    Override("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://vpce.host", allowed=True, loopback=False),
)
CLEAR = ("sso", Override("AWS_ENDPOINT_URL_SSO", "http://host", allowed=False, loopback=False))


@pytest.mark.parametrize(
    ("seen", "code", "state", "said"),
    [
        (Way(), "endpoints", OK, "AWS's own are used."),
        (Way((VPC,)), "endpoints", OK, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
        (Way((CLEAR,)), "endpoints", FAIL, "neither https nor this machine"),
        (Way((VPC,), reached=(SHUT, BEDROCK)), "endpoints", FAIL, "forgotten: the sign-in service (oidc)."),
        (Way((VPC,), reached=(OIDC, BEDROCK)), "endpoints", OK, "Other endpoints"),
        (Way(), "proxy", OK, "nothing odd"),
        (Way(proxies=(("HTTPS_PROXY", "is odd"),)), "proxy", WARN, "HTTPS_PROXY is odd."),
        (Way(), "ca_bundle", OK, "can be read"),
        (Way(bundles=(("AWS_CA_BUNDLE", "is gone"),)), "ca_bundle", FAIL, "AWS_CA_BUNDLE is gone."),
        (Way(), "network", SKIPPED, "not asked"),
        (Way(reached=(SHUT, BEDROCK)), "network", OK, "up"),
        (Way(reached=(SHUT,)), "network", FAIL, "Nothing of AWS can be reached."),
        (Way(reached=(replace(SHUT, failure="timeout"),)), "network", FAIL, "reached. AWS did not answer in time."),
        (Way(bundles=(("AWS_CA_BUNDLE", "is gone"),), reached=(SHUT,)), "network", SKIPPED, "ca_bundle"),
    ],
)
def test_each_thing_is_named(seen: Way, code: str, state: State, said: str) -> None:
    """By its own check."""
    found = next(one for one in (judge(seen) for judge in CHECKS) if one.code == code)

    assert (found.state, said in found.sentence, bool(found.fix)) == (state, True, state in {WARN, FAIL})


def test_without_asking_nothing_is_judged() -> None:
    """Each service has a check that says so; and where the network is down, that is said once."""
    assert {(one.code, one.state) for one in reach(Way())} == {(code, SKIPPED) for code in CODES.values()}
    assert [one.state for one in reach(Way(reached=(SHUT,)))] == [SKIPPED]


@pytest.mark.parametrize(
    ("one", "state", "said"),
    [
        (BEDROCK, OK, "Bedrock at bedrock.host answers in 40 ms."),
        (Reached("sts", "h", "tls"), FAIL, "No trusted connection"),
        (Reached("sts", "h", "proxy"), FAIL, "The proxy"),
        (Reached("sts", "h", "odd"), FAIL, "not foreseen"),
        (Reached("sts", "h", status=503), WARN, "answers 503"),
        (Reached("sts", "h", took=timedelta(seconds=3)), WARN, "slowly (3.0 s)"),
    ],
)
def test_a_service_is_judged_by_its_answer(one: Reached, state: State, said: str) -> None:
    """Any answer counts; a slow one is told of."""
    found = reach(Way(reached=(BEDROCK, one)))[1]

    assert (found.state, said in found.sentence) == (state, True)


def test_the_quickest_answer_tells_the_time() -> None:
    """What took long on the way says less of the clock."""
    slow = Reached("sts", "h", took=timedelta(seconds=9), skew=timedelta(minutes=5))
    quick = Reached("sso", "h", took=QUICK, skew=timedelta(seconds=1))

    assert skew([slow, quick, BEDROCK]) == timedelta(seconds=1)
    assert skew([BEDROCK]) is None


@pytest.mark.parametrize(
    ("service", "region", "expected"),
    [
        ("sso-oidc", "eu-central-1", "https://oidc.eu-central-1.amazonaws.com/"),
        ("sso", "us-east-1", "https://portal.sso.us-east-1.amazonaws.com/"),
        ("sts", "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"),
    ],
)
def test_addresses_are_awss_own(service: str, region: str, expected: str) -> None:
    """As the general reference names them."""
    assert address(service, region) == expected


def test_a_host_alone_is_said() -> None:
    """What stands beside it could be a password."""
    assert host("https://me:word@host.example/path?x=1") == "host.example"
    assert host("nothing") == "an address without a host"
    assert host("https://[x") == "an address that cannot be read"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL": "https://all"}, "AWS_ENDPOINT_URL"),
        (
            {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://r", "AWS_ENDPOINT_URL": "https://a"},
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        ),
        ({"ANTHROPIC_BEDROCK_BASE_URL": " https://g ", "AWS_ENDPOINT_URL": "https://a"}, "ANTHROPIC_BEDROCK_BASE_URL"),
    ],
)
def test_claude_codes_own_address_comes_first(environ: dict[str, str], expected: str | None) -> None:
    """Then the runtime's, then the one for all services."""
    found = runtime(environ)

    assert (found.variable if found is not None else None) == expected
