"""A fresh memory knows nothing."""

from keeplit.core.memory import Memory
from keeplit.core.settings_model import SettingsMemory


def test_a_fresh_memory_is_not_paused_and_has_no_session() -> None:
    """What nobody remembers stops nothing."""
    memory = Memory()

    assert (None, {}, (), SettingsMemory()) == (memory.paused_until, memory.sessions, memory.answers, memory.settings)
