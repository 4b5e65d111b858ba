"""The one way in which the sandbox's services say no; each service writes it in its own dialect."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - named for what happened, as AWS's own names are
    """A request is answered with an AWS error.

    ``code`` is the error's name as clients see it (``InvalidGrantException``), ``sentence`` its text.
    ``status`` and ``headers`` are given only where they differ from the dialect's table.
    ``session`` and ``client`` are labels for the request log. None of these holds a secret.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        session: str = "",
        client: str = "",
    ) -> None:
        """Keep what the dialects and the log need."""
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.status = status
        self.headers = headers
        self.session = session
        self.client = client
