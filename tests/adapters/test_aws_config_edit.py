from __future__ import annotations

from configparser import RawConfigParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from keeplit.adapters import aws_config_edit as edit
from keeplit.adapters.aws_config_edit import Unwritable

URL = "https://d-1234567890.awsapps.com/start"
MINE = """\
# mine
[default]
region=eu-west-1

[profile old]
sso_start_url = https://d-1234567890.awsapps.com/start#/
sso_region = us-east-1
; the role
sso_account_id = 111122223333
sso_role_name=ReadOnly
s3 =
  max_concurrent_requests = 20
  addressing_style = path

# the last
[profile "two words"]
Region : eu-west-1
"""
SESSION = f"""
[sso-session acme]
sso_start_url = {URL}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""
PROFILE = """
[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = ClaudeCode
region = us-west-2
"""


def with_session(text: str, name: str = "acme", region: str = "us-east-1") -> str:
    """Return the text with a session."""
    return edit.add_session(text, name=name, start_url=URL, region=region)


def with_profile(text: str, name: str = "work", role: str = "ClaudeCode") -> str:
    """Return the text with a profile."""
    return edit.add_profile(text, name=name, session="acme", account="111122223333", role=role, region="us-west-2")


def test_what_is_new_stands_at_the_end_and_the_rest_as_it_was() -> None:
    """Comments, order, spelling and blank lines of a person stay, byte for byte."""
    assert with_profile(with_session(MINE)) == MINE + SESSION + PROFILE
    assert with_profile(with_session("")) == (SESSION + PROFILE).removeprefix("\n")


def test_what_is_there_is_not_written_twice() -> None:
    """The same values change nothing, whatever else the section holds."""
    text = with_profile(with_session(MINE)).replace("us-west-2\n", "us-west-2\noutput = json\n")
    assert with_profile(with_session(text)) == text


@pytest.mark.parametrize(
    "again", [lambda text: with_session(text, region="eu-west-1"), lambda text: with_profile(text, role="X")]
)
def test_a_name_that_means_something_else_is_refused(again: object) -> None:
    """Nothing of a person's is written over: the sentence names the section and the option."""
    text = with_profile(with_session(MINE))
    with pytest.raises(Unwritable, match=r"\[(sso-session acme|profile work)\] is there already, with another sso_r"):
        again(text)  # type: ignore[operator]


def test_a_session_without_its_scope_gets_it() -> None:
    """It is the one thing that a session that is there may lack."""
    text = MINE + SESSION.replace("sso_registration_scopes = sso:account:access\n", "") + PROFILE
    assert with_session(text) == MINE + SESSION + PROFILE


@pytest.mark.parametrize(("windows", "mark"), [(False, ""), (True, ""), (True, "\ufeff"), (False, "\ufeff")])
def test_line_ends_and_byte_order_mark_are_kept(mark: str, *, windows: bool) -> None:
    """A file of Windows stays one."""
    text = mark + (MINE.replace("\n", "\r\n") if windows else MINE)
    added = with_session(text)
    assert added.startswith(text)
    assert added.count(mark or "x") == (1 if mark else added.count("x"))
    assert ("\n" in added.replace("\r\n", "")) is not windows


def test_a_last_line_without_an_end_is_ended_first() -> None:
    """Else the new section would be part of it."""
    assert with_session("[default]\nregion = a") == "[default]\nregion = a\n" + SESSION


def test_a_legacy_profile_moves_into_a_session() -> None:
    """Its start URL loses what a browser added, and no leftover contradicts the session."""
    moved = edit.upgrade_legacy(MINE, profile="old", session="acme")
    own = "sso_start_url = https://d-1234567890.awsapps.com/start#/\nsso_region = us-east-1\n"
    assert moved == MINE.replace(own, "").replace("style = path\n", "style = path\nsso_session = acme\n") + SESSION


@pytest.mark.parametrize("profile", ["default", "gone", "two words"])
def test_only_a_legacy_profile_is_upgraded(profile: str) -> None:
    """One without a start URL of its own has nothing to move."""
    with pytest.raises(Unwritable, match="nothing to upgrade"):
        edit.upgrade_legacy(MINE, profile=profile, session="acme")


@pytest.mark.parametrize("text", ["no header\n", "[a]\nx = 1\nx = 2\n", "[a]\n[a]\n", "[a]\nnonsense\n"])
def test_a_file_that_cannot_be_understood_is_left_alone(text: str) -> None:
    """No AWS tool reads it, so nobody knows what it means."""
    with pytest.raises(Unwritable, match="cannot be understood"):
        with_session(text)


def test_a_quoted_name_is_found_and_written() -> None:
    """`[profile "two words"]` is the profile that its quotes say, and the default one has a header of its own."""
    assert edit.change(MINE, {('profile "two words"', "region"): "us-east-1"}) == MINE.replace(
        "Region : eu-west-1", "Region : us-east-1"
    )
    assert '[profile "my own"]' in with_profile(MINE, name="my own")
    with pytest.raises(Unwritable, match=r"\[profile default\] is there already, with another"):
        edit.add_profile(MINE, name="default", session="", account="", role="", region="us-east-1")
    assert "[profile default]\nregion = x" in edit.add_profile(
        "[profile default]\n", name="default", session="", account="", role="", region="x"
    )


def test_what_differs_can_be_taken_back() -> None:
    """The differences say each option before and after; set back, the config means what it meant."""
    after = with_profile(edit.upgrade_legacy(MINE, profile="old", session="acme"))
    differences = edit.differences(MINE, after)
    assert differences["profile old", "sso_session"] == (None, "acme")
    assert differences["profile old", "sso_region"] == ("us-east-1", None)
    back = edit.change(after, {key: before for key, (before, _) in differences.items()})
    assert edit.read(back) == edit.read(MINE)
    assert "acme" not in back


def test_a_person_s_comment_in_a_section_of_ours_keeps_it() -> None:
    """An emptied section goes only where nothing is left in it."""
    text = "[profile work]\n# think of it\nregion = x\n"
    assert edit.change(text, {("profile work", "region"): None}) == "[profile work]\n# think of it\n"
    assert edit.change(text, {("profile gone", "region"): None}) == text


NAMES = some.text("abcxyz-_", min_size=1, max_size=6)
LINES = some.sampled_from(["# note", "", "region = a", "output=json", "  # inside", "Cli_Pager :", "x = y ; z"])


@given(some.lists(some.tuples(NAMES, some.lists(LINES, unique=True, max_size=5)), unique_by=lambda one: one[0]))
def test_no_line_of_a_person_is_lost(sections: list[tuple[str, list[str]]]) -> None:
    """Whatever the file holds: all its lines stand where they stood, and an AWS tool reads what was added."""
    text = "".join(f"[profile {name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections)
    added = with_session(text)
    assert added.startswith(text)
    parser = RawConfigParser()
    parser.read_string(added)
    assert parser["sso-session acme"]["sso_start_url"] == URL
