"""The AWS config and credentials files, against botocore's own reading of them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.configloader
import botocore.exceptions
import botocore.session
import pytest
from botocore.credentials import create_credential_resolver
from botocore.utils import SSOTokenLoader
from hypothesis import given
from hypothesis import strategies as st

from keeplit.adapters import aws_config, files
from keeplit.adapters.aws_config import AwsConfig
from keeplit.core.model import Credential, Kind, Profile

URL = "https://d-1234567890.awsapps.com/start"
GOOD = f"""\
[sso-session acme]
sso_start_url = {URL}
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
region = us-west-2
"""


def written(home: Path, config: str | bytes, credentials: str | None = None) -> dict[str, str]:
    """Write the files of a home and return its environment."""
    folder = home / ".aws"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_bytes(config if isinstance(config, bytes) else config.encode())
    if credentials is not None:
        (folder / "credentials").write_text(credentials, "utf-8")
    return {aws_config.HOME: str(home)}


def codes(config: AwsConfig) -> list[str]:
    """Return the codes of the problems."""
    return [problem.code for problem in config.problems]


def test_a_good_config_is_read(own_home: Path) -> None:
    """One session, one profile, nothing wrong."""
    found = aws_config.read(written(own_home, GOOD))
    assert [(s.name, s.kind, s.start_url, s.region, s.scopes) for s in found.sessions] == [
        ("acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access",))
    ]
    key = SSOTokenLoader()._generate_cache_key(URL, "acme")
    assert found.profiles == (Profile("work", Credential.SSO, key, "111122223333", "Developer", "us-west-2"),)
    assert found.problems == ()


def test_no_files_are_an_empty_config(own_home: Path) -> None:
    """Nothing is wrong with a machine that has none yet."""
    found = aws_config.read({aws_config.HOME: str(own_home)})
    assert (found.sessions, found.profiles, found.problems) == ((), (), ())


def test_where_the_files_are(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ``~/.aws``, or where the environment says, expanded as botocore does."""
    monkeypatch.setenv("KEPT_IN", str(tmp_path))
    home = {aws_config.HOME: str(own_home)}
    usual = (own_home / ".aws" / "config", own_home / ".aws" / "credentials")
    assert aws_config.files(home) == usual
    assert aws_config.files({}) == usual
    assert aws_config.files({**home, "AWS_CONFIG_FILE": ""}) == usual
    named = {"AWS_CONFIG_FILE": "~/config", "AWS_SHARED_CREDENTIALS_FILE": "$KEPT_IN/keys"}
    assert aws_config.files({**home, **named}) == (own_home / "config", tmp_path / "keys")
    assert aws_config.files({"AWS_CONFIG_FILE": str(tmp_path / "c")})[0] == tmp_path / "c"


def test_a_config_elsewhere_is_read(own_home: Path, tmp_path: Path) -> None:
    """`AWS_CONFIG_FILE` moves it."""
    (own_home / "mine").write_text(GOOD)
    found = aws_config.read({aws_config.HOME: str(own_home), "AWS_CONFIG_FILE": "~/mine"})
    assert [session.name for session in found.sessions] == ["acme"]


def test_an_unchanged_config_is_not_read_again(own_home: Path) -> None:
    """The same content gives the same object, even where the file was written anew; other content another one."""
    environ = written(own_home, GOOD)
    first = aws_config.read(environ)
    written(own_home, GOOD)
    assert aws_config.read(environ, first) is first
    written(own_home, GOOD + "# a comment\n")
    second = aws_config.read(environ, first)
    assert second is not first
    assert (second.sessions, second.profiles) == (first.sessions, first.profiles)


def test_the_credentials_file_is_content_too(own_home: Path) -> None:
    """Its profiles join those of the config, its values win."""
    environ = written(own_home, GOOD)
    first = aws_config.read(environ)
    written(own_home, GOOD, "[work]\nregion = eu-north-1\n[keys]\naws_access_key_id = AKIDONE\n")
    second = aws_config.read(environ, first)
    assert [(p.name, p.credential, p.region) for p in second.profiles] == [
        ("work", Credential.SSO, "eu-north-1"),
        ("keys", Credential.KEYS, ""),
    ]


BROKEN: dict[str, tuple[bytes, int | None]] = {
    "section twice": (GOOD.encode() + b"[profile work]\naws_secret_access_key = hidden\n", 11),
    "key twice": (GOOD.encode() + b"region = eu-west-1\n", 11),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 1),
    "text before a header": (b"\n\naws_secret_access_key = hidden\n" + GOOD.encode(), 3),
    "not UTF-8": (GOOD.encode() + b"\n# caf\xe9 hidden\n", 12),
    "no key": (GOOD.encode() + b"hidden\n", 11),
    "nested without a key": (GOOD.encode() + b"s3 =\n  hidden\n", None),
}


@pytest.mark.parametrize(("content", "line"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_botocore_refuses_is_a_problem(own_home: Path, content: bytes, line: int | None) -> None:
    """It is said where and why, and nothing of the file is shown: it may hold keys."""
    found = aws_config.read(written(own_home, content))
    assert (found.sessions, found.profiles, codes(found)) == ((), (), ["aws_config_broken"])
    (problem,) = found.problems
    place = str(own_home / ".aws" / "config")
    assert problem.where == place
    assert problem.sentence.startswith(f"{place}, line {line}: " if line else f"{place}: ")
    assert "hidden" not in repr(found)
    with pytest.raises(botocore.exceptions.ConfigParseError):
        _ = reading_of_botocore(own_home)


@pytest.mark.parametrize("content", [GOOD + "[profile work]\n", "nothing"], ids=["config", "credentials"])
def test_the_last_good_reading_stands_while_a_file_is_broken(own_home: Path, content: str) -> None:
    """A slip of the editor stops no renewal; it is said until it is mended."""
    environ = written(own_home, GOOD)
    good = aws_config.read(environ)
    spoiled = own_home / ".aws" / ("config" if content.startswith("[") else "credentials")
    spoiled.write_text(content)
    broken = aws_config.read(environ, good)
    assert (broken.sessions, broken.profiles, codes(broken)) == (good.sessions, good.profiles, ["aws_config_broken"])
    assert broken.problems[0].where == str(spoiled)
    assert aws_config.read(environ, broken) is broken
    spoiled.write_text(GOOD if spoiled.name == "config" else "")
    assert codes(aws_config.read(environ, broken)) == []


def test_a_file_that_cannot_be_read_is_a_problem(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last good reading stands, and the file is read as soon as it can be."""
    environ = written(own_home, GOOD)
    good = aws_config.read(environ)

    def refuse(path: Path, limit: int = 0) -> bytes:
        raise files.NotReadable(f"{path} cannot be read: Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(files, "read", refuse)
        refused = aws_config.read(environ, good)
    assert (refused.sessions, codes(refused)) == (good.sessions, ["aws_config_unreadable"])
    assert codes(aws_config.read(environ, refused)) == []


def test_a_huge_file_is_not_read(own_home: Path) -> None:
    """What is no config is not parsed for minutes."""
    huge = written(own_home, b"#" * (aws_config.MOST_BYTES + 1))
    assert codes(aws_config.read(huge)) == ["aws_config_unreadable"]


@pytest.mark.parametrize(
    "header",
    [
        "profile two words",
        "profile it's",
        "profile",
        "sso-session two words",
        'sso-session "open',
        'profile ""',
        "profile a b c",
    ],
)
def test_a_section_that_botocore_drops_is_named(own_home: Path, header: str) -> None:
    """AWS tools say nothing; we say which."""
    found = aws_config.read(written(own_home, f"{GOOD}[{header}]\nregion = eu-west-1\n"))
    assert (codes(found), [p.where for p in found.problems]) == (["section_dropped"], [header])
    assert [profile.name for profile in found.profiles] == ["work"]


def test_a_profile_without_the_word_is_named(own_home: Path) -> None:
    """Only sections that are meant to sign in are: others are anyone's."""
    found = aws_config.read(written(own_home, f"{GOOD}[beta]\nsso_session = acme\n[preview]\ncloudfront = true\n"))
    assert [(p.code, p.where) for p in found.problems] == [("section_dropped", "beta")]


@pytest.mark.parametrize("name", ["two words", "it's", "-x", "--profile", "zoë", "a\\b", "$(x)", "a;b", "#1", "日本"])
def test_names_of_any_kind_are_safe(own_home: Path, name: str) -> None:
    """A quoted name is the name, and its token file has botocore's name."""
    quoted = '"' + name.replace("\\", "\\\\") + '"'
    text = GOOD.replace("[sso-session acme]", f"[sso-session {quoted}]").replace("= acme", f"= {name}")
    found = aws_config.read(written(own_home, text.replace("[profile work]", f"[profile {quoted}]")))
    key = SSOTokenLoader()._generate_cache_key(URL, name)
    assert [(s.name, s.key) for s in found.sessions] == [(name, key)]
    assert [(p.name, p.session, codes(found)) for p in found.profiles] == [(name, key, [])]


def test_a_legacy_profile_has_botocores_token_file(own_home: Path) -> None:
    """Its name is that of the exact start URL, slash and all."""
    text = f"[profile old]\nsso_start_url = {URL}/\nsso_region = eu-west-1\n"
    (session,) = aws_config.read(written(own_home, text)).sessions
    assert (session.key, session.kind) == (SSOTokenLoader()._generate_cache_key(URL + "/", None), Kind.LEGACY)


# From here on botocore is the judge.

HEADERS = st.sampled_from(
    [
        *["[sso-session s]", '[sso-session "s s"]', "[sso-session t]"] * 4,
        *("[default]", "[profile default]", "[DEFAULT]", "[profile a]", "[profile b]", "[profile a]  ", "[profile\ta]"),
        *('[profile "a b"]', "[profile 'c']", "[profile o'brien]", "[profile a b]", "[profile a\\ b]", "[profile]"),
        *('[profile ""]', "[profilex y]", "[profile -x]", "[profile zoë]", "[profile a\x0bb]", "[profile a\u00a0b]"),
        *("[sso-session s]", '[sso-session "s s"]', "[sso-sessions t]", "[sso-session s t]", "[sso-session]"),
        *("[a]", "[services x]", "[plugins]", "[profile a]]", "[ profile a]", "[profile  a]", "[profile a#b]"),
    ]
)
LINES = st.sampled_from(
    [
        *["sso_start_url = https://z.awsapps.com/start\nsso_region = eu-west-1"] * 6,
        *(
            "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1",
            "SSO_REGION: us-east-1",
            "region = x ; y",
        ),
        *("sso_session = s", "sso_session = s s", "sso_session = t", "sso_account_id = 1", "sso_role_name = r"),
        *("# comment", "; comment", "", "  ", "s3 =\n  nested = 1\n  other = 2", "key =", "  indented = 1"),
        *("aws_access_key_id = AKIDONE", "role_arn = r\nsource_profile = b", "sso_registration_scopes = a, b"),
    ]
)
# Most files are whole, or nothing but their refusal would be compared.
LAST = st.sampled_from(
    [*[""] * 12, "no value", "= no key", "[not closed", "s3 =\n  nested", "[profile a]", "[profile a]\n=x"]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw the text of a file: sections of any kind, most of them once, each key once."""
    sections = draw(
        st.lists(st.tuples(HEADERS, st.lists(LINES, max_size=4)), max_size=6, unique_by=lambda part: part[0])
    )
    lines = [
        line for header, keys in sections for line in (header, *{key.partition(" ")[0]: key for key in keys}.values())
    ]
    return "\n".join([*lines, draw(LAST)])


TEXTS = texts()


@contextmanager
def folder_of(config: str, credentials: str = "") -> Iterator[Path]:
    """Give a home with both files."""
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder), config, credentials)
        yield Path(folder)


def botocore_session(home: Path, profile: str | None = None) -> Any:
    """Return a botocore session that reads the files of a home alone."""
    session = botocore.session.Session(profile=profile)
    for name in ("config", "credentials"):
        session.set_config_variable(f"{name}_file", str(home / ".aws" / name))
    return session


def reading_of_botocore(home: Path) -> Mapping[str, Any]:
    """Return botocore's own reading of the files of a home."""
    found: Mapping[str, Any] = botocore_session(home).full_config
    return found


@given(config=TEXTS, credentials=TEXTS)
def test_botocore_and_we_agree_on_every_file(config: str, credentials: str) -> None:
    """The same files are refused; the same profiles and sessions, with the same values, are found."""
    with folder_of(config, credentials) as home:
        found = aws_config.read({aws_config.HOME: str(home)})
        try:
            theirs = reading_of_botocore(home)
        except botocore.exceptions.ConfigParseError:
            assert (codes(found), found.sessions) == (["aws_config_broken"], ())
            return
    profiles = {name: section for name, section in theirs["profiles"].items() if name}
    assert {profile.name: profile.region for profile in found.profiles if profile.credential is not Credential.SSO} == {
        profile.name: profiles[profile.name].get("region", "")
        for profile in found.profiles
        if profile.credential is not Credential.SSO
    }
    assert [profile.name for profile in found.profiles] == list(profiles)
    sessions = {
        name: (section["sso_start_url"], section["sso_region"])
        for name, section in theirs.get("sso_sessions", {}).items()
        if name and section.get("sso_start_url") and section.get("sso_region")
    }
    ours = {s.name: (s.start_url, s.region) for s in found.sessions if s.kind is Kind.SSO_SESSION}
    assert ours == sessions


SECTION = st.lists(
    st.sampled_from(
        [
            *("sso_session = s", "sso_session = s", "sso_session = gone", "sso_account_id = 1\nsso_role_name = r"),
            *("sso_account_id = 1\nsso_role_name = r", f"sso_start_url = {URL}\nsso_region = eu-west-1"),
            *("aws_access_key_id = AKIDONE\naws_secret_access_key = secret-one", "web_identity_token_file = /token"),
            *(
                "role_arn = arn:aws:iam::1:role/r",
                "role_arn = arn:aws:iam::1:role/r",
                "credential_source = Environment",
            ),
            *("source_profile = a", "source_profile = b", "source_profile = c", "source_profile = gone"),
        ]
    ),
    max_size=5,
).map(lambda lines: "\n".join({line.partition(" ")[0]: line for line in lines}.values()))
BY_METHOD = {
    "sso": Credential.SSO,
    "config-file": Credential.KEYS,
    "shared-credentials-file": Credential.KEYS,
    "assume-role-with-web-identity": Credential.WEB_IDENTITY,
}


def begins_with(home: Path, profile: str) -> Credential | None:
    """Return where botocore's chain for a profile begins; None where it has no credentials or refuses."""
    session = botocore_session(home, profile)
    resolver = create_credential_resolver(session)
    resolver.providers = [p for p in resolver.providers if p.METHOD == "assume-role" or p.METHOD in BY_METHOD]
    try:
        credentials = resolver.load_credentials()
    except botocore.exceptions.BotoCoreError:
        return None
    while credentials is not None and credentials.method == "assume-role":
        credentials = credentials._refresh_using.__self__._source_credentials
    return BY_METHOD[credentials.method] if credentials is not None else None


@given(a=SECTION, b=SECTION, c=SECTION, keys=st.booleans())
def test_botocore_and_we_follow_the_same_chain(a: str, b: str, c: str, *, keys: bool) -> None:
    """Where a profile's credentials begin is what botocore says, through roles, circles and keys; errors are said."""
    session = f"[sso-session s]\nsso_start_url = {URL}\nsso_region = eu-west-1\n"
    text = session + "".join(f"[profile {name}]\n{section}\n" for name, section in (("a", a), ("b", b), ("c", c)))
    in_keys = "[c]\naws_access_key_id = AKIDTWO\naws_secret_access_key = secret-two\n" if keys else ""
    with folder_of(text, in_keys) as home:
        found = aws_config.read({aws_config.HOME: str(home)})
        theirs = {name: begins_with(home, name) for name in "abc"}
    for profile in found.profiles:
        expected = theirs[profile.name]
        if expected is not None:
            assert profile.credential is expected
        elif profile.credential is Credential.SSO:
            assert found.problems or not profile.account


ODD = st.sampled_from(
    ["", " ", "\t", "\x0b", "\x1c", "\xa0", "\u2028", "\r", "=", ":", "[", "]", "#", ";", "a", "A_1", "é", "-"]
)
WORD = st.lists(ODD, max_size=4).map("".join)
PLAIN_LINES = st.one_of(
    st.builds("[{}]{}".format, WORD, st.sampled_from(["", " ", "\t", " x"])),
    st.builds("{}{}={}".format, st.sampled_from(["a", "b", "A", "k_1", "é", "a b"]), st.sampled_from(["", " "]), WORD),
    st.builds("{}{}".format, st.sampled_from(["#", ";", " #", ""]), WORD),
    st.sampled_from(["", "  ", "[x]", "[y]", "[DEFAULT]", "s3 =", "  nested = 1"]),
)


@given(st.lists(PLAIN_LINES, max_size=12))
def test_our_short_way_through_plain_files_leads_where_botocores_leads(lines: list[str]) -> None:
    """Every section, key and value is the same, and what is refused is refused by both."""
    text = "\n".join(lines).encode()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "config")
        place.write_bytes(text)
        try:
            theirs = botocore.configloader.raw_config_parse(str(place))
        except botocore.exceptions.ConfigParseError:
            with pytest.raises(aws_config.Broken):
                aws_config._parsed(place, text)
            return
        assert aws_config._parsed(place, text) == theirs


def test_ordinary_files_take_the_short_way() -> None:
    """A big config costs milliseconds only by it."""
    assert aws_config._plain(GOOD + "# comment\n; comment\n\n") is not None


def test_a_file_that_changes_while_it_is_read_is_read_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest and the meaning are of the same bytes, so that the change is seen in the next turn."""
    environ = written(own_home, GOOD)
    real = files.read

    def then_changed(path: Path, limit: int = 0) -> bytes | None:
        content = real(path, limit)
        if path.name == "config":
            path.write_text(GOOD.replace("profile work", "profile play"))
        return content

    with monkeypatch.context() as patched:
        patched.setattr(files, "read", then_changed)
        first = aws_config.read(environ)
    assert [profile.name for profile in first.profiles] == ["work"]
    assert [profile.name for profile in aws_config.read(environ, first).profiles] == ["play"]


def test_sections_are_given_as_they_stand(own_home: Path) -> None:
    """By bare name, the keys of the credentials file among them; none of a file that botocore refuses."""
    environ = written(own_home, GOOD, "[work]\naws_access_key_id = A\n")
    profiles, sessions = aws_config.sections(environ)

    assert (profiles["work"]["sso_session"], profiles["work"]["aws_access_key_id"]) == ("acme", "A")
    assert sessions["acme"]["sso_start_url"] == URL
    assert aws_config.sections(written(own_home, "x\n")) == ({}, {})
