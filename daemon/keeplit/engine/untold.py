"""What a notice says that the desktop did not show, for an interface that shows it now.

Law: the published status holds no code of a sign-in; it is read from the sign-in's own record, and kept nowhere.
"""

from pathlib import Path

from keeplit.adapters import sign_in_files
from keeplit.core.causes import PAGE, in_browser
from keeplit.core.sign_in_flow import Page
from keeplit.core.view import NoticeStatus
from keeplit.core.words import page_line, page_text


def text(own: Path, notice: NoticeStatus) -> str:
    """Return the text of a published notice; that of a sign-in's page with its host and code, while it is open."""
    return page_text(_page(own, notice)) or notice["text"]


def line(own: Path, notice: NoticeStatus) -> str:
    """Return the whole of a published notice in one line of a menu."""
    return page_line(_page(own, notice)) or f"{notice['title']}. {notice['text']}"


def _page(own: Path, notice: NoticeStatus) -> Page | None:
    if not notice["id"].startswith(PAGE):
        return None
    record = next((one for one in sign_in_files.running(own) if in_browser(one.id) == notice["id"]), None)
    joined = sign_in_files.look(own, record.session) if record is not None else None
    return joined.page if joined is not None else None
