from datetime import timedelta

from keeplit.core.sign_in_flow import DeviceCode, Page

URL = "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH"


def test_a_device_code_shows_neither_itself_nor_the_address() -> None:
    """What is logged by accident is the code a person compares, and nothing that opens a door."""
    device = DeviceCode(Page(URL, "ABCD-EFGH"), "device-code", timedelta(minutes=10), timedelta(seconds=5))

    shown = repr(device)

    assert [word for word in ("device-code", URL) if word in shown] == []
