from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest

from keeplit.adapters import aws_regions


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """Let each test read the list for itself, and those that follow too."""
    aws_regions.known.cache_clear()
    yield
    aws_regions.known.cache_clear()


def test_the_regions_are_those_that_botocore_knows() -> None:
    """Every region in which botocore knows a service is known, and no partition's pseudo region is."""
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    offered = {region for one in partitions for region in session.get_available_regions("sts", one)}
    known = set(aws_regions.known())
    assert {one for one in offered if "global" not in one} <= known
    assert {"us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"} <= known
    assert not {one for one in known if "global" in one}


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"partitions": 3}', b"\xff"])
def test_without_a_list_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """A list that is missing or is none makes no region wrong."""
    folder = tmp_path / "oddlib" / "data"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    if content is not None:
        (folder / "partitions.json").write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(aws_regions, "LIBRARY", "oddlib")
    assert aws_regions.known() == ()


def test_without_the_library_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build without botocore's folder refuses no region."""
    monkeypatch.setattr(aws_regions, "LIBRARY", "no_such_library_here")
    assert aws_regions.known() == ()
