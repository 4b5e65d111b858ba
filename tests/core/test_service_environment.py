from __future__ import annotations

import pytest

from keeplit.core.service_environment import completed, recorded

SHELL = {
    "PATH": "/home/sam/bin:/usr/bin",
    "HTTPS_PROXY": "http://proxy.corp:3128",
    "NO_PROXY": "localhost,.corp",
    "AWS_CONFIG_FILE": "/home/sam/aws/config",
    "AWS_CA_BUNDLE": "",
    "DISPLAY": ":0",
    "AWS_SECRET_ACCESS_KEY": "never",
    "LD_PRELOAD": "/evil.so",
}


def test_what_a_service_lacks_is_recorded() -> None:
    """What is on the list and set is recorded: no key, no display, which is another tomorrow, and no PATH as it is."""
    values, secret = recorded(SHELL)
    assert values == {name: SHELL[name] for name in ("AWS_CONFIG_FILE", "HTTPS_PROXY", "NO_PROXY")}
    assert secret == ()


@pytest.mark.parametrize("proxy", ["http://sam:pass@proxy:3128", "sam:pass@proxy:3128", "http://[sam:pass@proxy"])
def test_a_password_is_not_recorded(proxy: str) -> None:
    """A proxy that holds a password is named, and its value stays in the shell."""
    values, secret = recorded({"https_proxy": proxy, "http_proxy": "proxy:3128", "all_proxy": "http://[broken"})
    assert values == {"http_proxy": "proxy:3128", "all_proxy": "http://[broken"}
    assert secret == ("https_proxy",)


def test_its_own_environment_wins() -> None:
    """What a process was started with stands before what is recorded and what the desktop says."""
    found = completed({"LANG": "C", "BROWSER": "x"}, {"DISPLAY": ":1", "LANG": "D"}, {"LANG": "de", "A": "b"}, ":")
    assert found == {"LANG": "de", "BROWSER": "x", "DISPLAY": ":1", "A": "b"}


def test_the_path_is_added_to() -> None:
    """The folders of the service come first, those that are recorded after them, each once."""
    found = completed({"PATH": "/home/sam/bin:/usr/bin"}, {}, {"PATH": "/usr/bin::/bin"}, ":")
    assert found == {"PATH": "/usr/bin:/bin:/home/sam/bin"}
    assert completed({"PATH": "/a"}, {}, {}, ":") == {"PATH": "/a"}


def test_nobody_speaks_for_a_service() -> None:
    """What a service says to systemd with is not passed on to the programs that it starts."""
    own = {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_PID": "1", "WATCHDOG_USEC": "2", "HOME": "/home/sam"}
    assert completed({}, {}, own, ":") == {"HOME": "/home/sam"}
