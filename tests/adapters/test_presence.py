from datetime import timedelta

from keeplit.adapters import clock, presence
from keeplit.core.model import Network


def test_where_nothing_can_be_known_that_is_the_answer() -> None:
    """Presence and network are unknown; the wake and the local clock's offset are what they are."""
    wake = clock.WakeWatch()
    desk = presence.find(wake).look()
    assert desk.last_input_at is None
    assert desk.network is Network.UNKNOWN
    assert desk.woke_at == wake.look()
    assert desk.utc_offset == clock.utc_offset(clock.now())
    assert abs(desk.utc_offset) < timedelta(hours=15)
