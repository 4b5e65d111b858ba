import json
import os
import time
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.adapters import notebook
from keeplit.core.memory import Answer, Asked, Backoff, Memory, SessionMemory
from keeplit.core.model import Verb, Wish

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KEY = "a" * 40
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive
lengths = st.timedeltas(timedelta(days=-4000), timedelta(days=4000))
texts = st.text(max_size=20)
backoffs = st.builds(Backoff, st.integers(-5, 500), st.none() | times, lengths, texts, texts, texts)
memories = st.builds(
    SessionMemory,
    **{
        field.name: {
            "datetime | None": st.none() | times,
            "timedelta": lengths,
            "timedelta | None": st.none() | lengths,
            "str": texts,
            "bool": st.booleans(),
            "float": st.floats(-1, 1),
            "Backoff": backoffs,
            "Asked | None": st.none() | st.builds(Asked, st.sampled_from(Verb), texts, times),
            "tuple[str, ...]": st.lists(texts, max_size=3).map(tuple),
        }[field.type if isinstance(field.type, str) else _spelled(field.type)]
        for field in fields(SessionMemory)
    },
)
