from datetime import timedelta

import pytest

from keeplit.core.sign_in_flow import DeviceCode, Page

URL = "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH"


def test_a_device_code_shows_neither_itself_nor_its_page() -> None:
    """Nothing that is logged by accident says what a person compares, or opens a door."""
    device = DeviceCode(Page(URL, "ABCD-EFGH"), "device-code", timedelta(minutes=10), timedelta(seconds=5))

    shown = repr(device)

    assert [word for word in ("device-code", URL, "ABCD-EFGH") if word in shown] == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "device.sso.us-east-1.amazonaws.com"),
        ("https://Acme.AWSApps.com/start/#/device?user_code=ABCD-EFGH", "acme.awsapps.com"),
        ("http://127.0.0.1:8080/authorize", "127.0.0.1:8080"),
        ("https://acme.awsapps.com@evil.example/", "evil.example"),
        ("https://xn--pple-43d.com/", "xn--pple-43d.com"),
    ],
)
def test_the_host_is_where_a_browser_goes(url: str, host: str) -> None:
    """Whatever stands before an @ is a name, and no host."""
    assert Page(url).host == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "https://evil.example\\@acme.awsapps.com/",
        "https://evil.example\t/",
        "https://\u0430pple.com/",
        "https://[::1",
        "https://acme.example:port/",
        "https://acme_example/",
        "https:///start",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_has_no_host(url: str) -> None:
    """A browser and a parser disagree about a backslash; letters of other scripts look like ours."""
    assert Page(url).host == ""
