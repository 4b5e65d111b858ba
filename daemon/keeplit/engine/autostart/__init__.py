"""`keeplit autostart`: start with the computer, stop that, and say how it stands.

Law: what of the person's shell a service would lack is recorded first, so that the service starts with it. Whatever is
asked twice is so once.
"""

from keeplit.engine.autostart.next_login import at_next_login, marks, starts_at_login
from keeplit.engine.autostart.recording import record
from keeplit.engine.autostart.starting import Report, disable, enable, end, runs, status

__all__ = [
    "Report",
    "at_next_login",
    "disable",
    "enable",
    "end",
    "marks",
    "record",
    "runs",
    "starts_at_login",
    "status",
]
