from __future__ import annotations

from keeplit.core.explain_rule import Ask, rule


def test_a_pattern_is_written_with_spaces_and_read_without() -> None:
    """A rule knows its error however the text was broken, and whatever its capitals."""
    one = rule("code", r"too many (?:tokens|requests)", "T", "C.", "F", ask=Ask.INVOKE)
    assert one.known_by.search("TooManyTokens,please")
    assert not one.known_by.search("too many tokens")
    assert (one.admin, one.ask) == ("", Ask.INVOKE)
