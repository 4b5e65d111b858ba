from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha1
from pathlib import Path

import pytest

from keeplit import __version__
from keeplit.adapters import aws_config, files, notebook, token_cache
from keeplit.core.memory import Memory, SessionMemory
from keeplit.engine import credentials, living, warm
from keeplit.sandbox.clients import CONFIG
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.nouns import Lifetimes
from tests.engine.lit_laptop import HOUR, TIME, Laptop, age, laptop, said

MINUTE = timedelta(minutes=1)
AS_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")


def ask(mine: Laptop, profile: str | None = "work", form: str = "claude") -> tuple[int, str, str]:
    """Run the command in this process; return its exit code, what it printed and what it said."""
    out, err = said()
    code = credentials.run(mine.paths, mine.environ, profile, form, out, err)
    return code, out.getvalue(), err.getvalue()


def key(text: str) -> str:
    """Return the access key id of a claude-format answer."""
    found: str = json.loads(text)["Credentials"]["AccessKeyId"]
    return found


def test_the_cli_cache_is_served_without_a_call(own_home: Path) -> None:
    """With over 15 min left, what the AWS CLI took is printed, in each form."""
    with laptop(own_home) as mine:
        kept = mine.cache_role(16 * MINUTE)
        fields = {name: kept[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")}
        code, text, error = ask(mine)
        assert (code, json.loads(text), error) == (0, {"Credentials": fields}, "")
        assert json.loads(ask(mine, form="process")[1]) == {"Version": 1, **fields}
        lines = dict(shlex.split(line)[1].split("=", 1) for line in ask(mine, form="env")[1].splitlines())
        assert lines["AWS_SECRET_ACCESS_KEY"] == kept["SecretAccessKey"]
        assert mine.sandbox.log.since() == ()


def test_fresh_ones_are_taken_and_shared(own_home: Path, aws_cli_v2: Path) -> None:
    """Without a cache the portal is asked once; the real AWS CLI then lives on what keeplit took."""
    with laptop(own_home) as mine:
        mine.sign_in()
        code, text, _ = ask(mine)
        assert (code, key(text)) == (0, json.loads(mine.role_file.read_text())["Credentials"]["AccessKeyId"])
        command = [str(aws_cli_v2), "configure", "export-credentials", "--profile", "work"]
        exported = subprocess.run(command, env=mine.environ, capture_output=True, text=True, check=True, timeout=60)
        assert json.loads(exported.stdout)["AccessKeyId"] == key(text)
        assert key(ask(mine)[1]) == key(text)
        assert mine.calls("GetRoleCredentials") == ["200"]


def test_the_last_quarter_of_an_hour_is_renewed(own_home: Path) -> None:
    """With 15 min or less left, fresh ones are taken while the token lives."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.cache_role(14 * MINUTE)
        assert key(ask(mine)[1]) != "ASIAKEPT"


@pytest.mark.parametrize("fault", ["server_error", "throttle", "html", "drop", "forbidden"])
def test_the_bridge_holds_when_aws_does_not_answer(own_home: Path, fault: str) -> None:
    """Cached credentials are served to their end while fresh ones cannot be had."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.cache_role(MINUTE)
        mine.sandbox.faults.inject("GetRoleCredentials", Fault(fault))  # type: ignore[arg-type]  # one of its kinds
        code, text, error = ask(mine)
        assert (code, key(text), error) == (0, "ASIAKEPT", "")


@pytest.mark.parametrize("refreshable", [True, False])
def test_the_bridge_holds_when_the_token_is_dead(own_home: Path, *, refreshable: bool) -> None:
    """The sign-in is over and nobody there: what was taken before goes on."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE, **({} if refreshable else {"refreshToken": None}))
        mine.sandbox.sessions.revoke("https://d-1234567890.awsapps.com/start")
        mine.cache_role(MINUTE)
        code, text, error = ask(mine)
        assert (code, key(text), error) == (0, "ASIAKEPT", "")
        assert mine.tabs == ()


@pytest.mark.parametrize("signed_in", [True, False])
def test_at_the_bridges_end_a_person_must_sign_in(own_home: Path, *, signed_in: bool) -> None:
    """Dead credentials are never printed: exit 3, the command to type, and no browser."""
    with laptop(own_home) as mine:
        if signed_in:
            mine.sign_in(-MINUTE, refreshToken=None)
        mine.cache_role(-MINUTE)
        code, text, error = ask(mine)
        assert (code, text, mine.tabs) == (3, "", ())
        assert "keeplit login --profile=work" in error


def test_a_dead_token_is_renewed_on_the_way(own_home: Path) -> None:
    """Without a daemon a token that can be renewed silently is, as the AWS CLI would do."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE)
        assert ask(mine)[0] == 0
        assert (mine.calls("CreateToken"), mine.calls("GetRoleCredentials")) == (["200"], ["200"])


def test_a_rejected_token_is_renewed_on_the_way(own_home: Path) -> None:
    """A token that the portal refuses before its time is renewed, and the portal asked once more."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.sandbox.sessions.reject("https://d-1234567890.awsapps.com/start")
        assert ask(mine)[0] == 0
        assert mine.calls("GetRoleCredentials") == ["UnauthorizedException", "200"]


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("forbidden", 1, "Signing in again will not help"),
        ("server_error", 1, "AWS answered with an error (InternalServerException). Try again in a moment"),
        ("throttle", 1, "AWS asks for fewer calls. Try again in a moment"),
        ("garbage", 1, "AWS answered with an error (garbage)"),
        ("drop", 1, "AWS could not be reached. Check the network; try again in a moment"),
        ("unnamed", 1, "gave no credentials"),
    ],
)
def test_each_refusal_has_its_sentence(own_home: Path, fault: str, code: int, says: str) -> None:
    """Nothing is printed, and stderr says what to do."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.sandbox.faults.inject("GetRoleCredentials", Fault(fault))  # type: ignore[arg-type]  # one of its kinds
        ended, text, error = ask(mine)
        assert (ended, text) == (code, "")
        assert says in error


def test_a_renewal_that_is_throttled_is_not_the_network(own_home: Path) -> None:
    """The token is renewed on the way: that AWS asks for fewer calls then is told as that."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE)
        mine.sandbox.faults.inject("CreateToken", Fault("throttle"))
        code, text, error = ask(mine)
        assert (code, text, error) == (1, "", "keeplit: AWS asks for fewer calls. Try again in a moment\n")


def test_ten_windows_ask_once(own_home: Path) -> None:
    """Who waits for the lock is served what the first one took, even where that lives under 15 min."""
    with laptop(own_home, lifetimes=Lifetimes(role_credentials=2 * MINUTE)) as mine:
        mine.sign_in()
        with ThreadPoolExecutor(10) as windows:
            keys = set(windows.map(lambda _: key(ask(mine)[1]), range(10)))
        assert (len(keys), mine.calls("GetRoleCredentials")) == (1, ["200"])


def test_a_profile_without_a_sign_in_is_told_so(own_home: Path) -> None:
    """An unknown profile ends with 1 and its nearest name, no profile at all with 4."""
    with laptop(own_home) as mine:
        assert [ask(mine, "wrok")[0], ask(mine, None)[0]] == [1, 4]


def test_the_profile_is_noted_as_in_use(own_home: Path) -> None:
    """Asking keeps its session alive for a day."""
    with laptop(own_home) as mine:
        mine.cache_role(HOUR)
        ask(mine)
        assert len(list(mine.paths.asked.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
@AS_ROOT
def test_a_cache_that_cannot_be_written_stops_nothing(own_home: Path) -> None:
    """On a read-only home the credentials are printed all the same."""
    with laptop(own_home) as mine:
        mine.sign_in()
        folders = [path for path in (own_home / ".aws").rglob("*") if path.is_dir()] + [own_home / ".aws"]
        for folder in folders:
            folder.chmod(0o500)
        try:
            assert ask(mine)[0] == 0
        finally:
            for folder in folders:
                folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="a link is planted")
def test_folders_that_are_no_folders_stop_nothing(own_home: Path) -> None:
    """Where neither our folder nor the role cache can be used, the credentials are printed all the same."""
    with laptop(own_home) as mine:
        mine.sign_in()
        (own_home / ".aws" / "cli").touch()
        mine.paths.own.symlink_to(own_home)
        assert ask(mine)[0] == 0


def settle(mine: Laptop) -> None:
    """Let every file look as if it had been there for a while, as files have."""
    for path in (own_config(mine), mine.paths.config_file, mine.home / ".claude" / "settings.json"):
        if path.exists():
            age(path)


def own_config(mine: Laptop) -> Path:
    """Return the AWS config of a laptop."""
    return mine.home / ".aws" / "config"


def ready(mine: Laptop, profile: str | None, form: str = "claude") -> str | None:
    """Return what the warm path serves now."""
    return warm.serve(mine.environ, profile, form, __version__, time.time())


def indexed(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an index that is only as young as this test: a file's change time cannot be set back."""
    monkeypatch.setattr(warm, "SETTLED_SECONDS", -1)
    settle(mine)
    assert ask(mine)[0] == 0


def test_the_second_time_nothing_is_read(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one answer the index leads straight to the cache, in the same words, until the config changes."""
    with laptop(own_home) as mine:
        mine.cache_role(HOUR)
        assert ready(mine, "work") is None
        indexed(mine, monkeypatch)
        for form in ("claude", "process", "env"):
            assert f"{ready(mine, 'work', form)}\n" == ask(mine, form=form)[1]
        own_config(mine).write_text(CONFIG.replace("111122223333", "999922223333"))
        assert ready(mine, "work") is None
        assert oct((mine.paths.own / warm.INDEX).stat().st_mode & 0o777) in {"0o600", "0o666"}


def test_a_young_config_is_not_indexed(own_home: Path) -> None:
    """A file of this very second may change once more without its time telling."""
    with laptop(own_home) as mine:
        mine.cache_role(HOUR)
        own_config(mine).write_text(CONFIG)
        ask(mine)
        assert ready(mine, "work") is None


def test_an_index_that_cannot_be_written_costs_only_time(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link planted in our folder is not followed, and the answer is given."""
    with laptop(own_home) as mine:
        mine.cache_role(HOUR)
        files.private_folder(mine.paths.own)
        (mine.paths.own / warm.INDEX).symlink_to(own_home / "elsewhere")
        indexed(mine, monkeypatch)
        assert not (own_home / "elsewhere").exists()


@pytest.mark.parametrize("seed", range(12))
def test_the_warm_path_says_what_the_slow_one_says(own_home: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over random histories of a home, whatever the warm path serves is to the letter the slow path's answer."""
    monkeypatch.setattr(warm, "SETTLED_SECONDS", -1)
    chance = random.Random(seed)
    served = 0
    with laptop(own_home) as mine:
        mine.sandbox.faults.inject("any", Fault("server_error"))
        mine.cache_role(HOUR)
        profile: str | None = "work"
        for step in range(25):
            profile = change(mine, chance, profile) if step else profile
            form = chance.choice(("claude", "process", "env"))
            fast = ready(mine, profile, form)
            slow = ask(mine, profile, form)
            if fast is not None:
                served += 1
                assert (0, f"{fast}\n") == slow[:2]
            again = ready(mine, profile, form)
            assert again is None or (0, f"{again}\n") == slow[:2]
            served += again is not None
    assert served > 0


def change(mine: Laptop, chance: random.Random, profile: str | None) -> str | None:
    """Change one thing in a home, as people and other tools do; return the profile asked for next."""
    if chance.random() < 0.2:
        return chance.choice(("work", "work", "play", "wrok", None))
    chance.choice(CHANGES)(mine, chance)
    return profile


def change_config(mine: Laptop, chance: random.Random) -> None:
    """Another account in the AWS config, or the same text written anew."""
    own_config(mine).write_text(CONFIG.replace("111122223333", chance.choice(("111122223333", "999922223333"))))


def change_settings(mine: Laptop, chance: random.Random) -> None:
    """Another profile in Claude Code's settings."""
    file = mine.home / ".claude" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"env": {"AWS_PROFILE": chance.choice(("work", "play"))}}))


def change_toml(mine: Laptop, chance: random.Random) -> None:
    """Another profile in config.toml, or none."""
    mine.configure(chance.choice(("", '[claude]\nprofile = "work"\n', '[claude]\nprofile = "play"\n')))


def change_environ(mine: Laptop, chance: random.Random) -> None:
    """Another profile in the environment, or none, or access keys."""
    mine.environ.pop("AWS_PROFILE", None)
    mine.environ |= chance.choice(({}, {"AWS_PROFILE": "work"}, {"AWS_PROFILE": "play"}, {"AWS_ACCESS_KEY_ID": "AKIA"}))


def change_shared(mine: Laptop, chance: random.Random) -> None:
    """Access keys for the same profile in the credentials file, or none."""
    keys = "[work]\naws_access_key_id = AKIASHARED\naws_secret_access_key = x\n"
    (mine.home / ".aws" / "credentials").write_text(chance.choice(("", keys)))


def change_role(mine: Laptop, chance: random.Random) -> None:
    """Role credentials that end sooner or later, or are odd."""
    odd = ({"Expiration": "soon"}, {"SessionToken": ""}, {"AccessKeyId": "\N{LATIN SMALL LETTER E WITH ACUTE}'\"$"})
    left = timedelta(seconds=chance.choice((-60, 60, 890, 910, 3600)))
    mine.cache_role(left, **chance.choice(({}, {}, *odd)))


def change_asked(mine: Laptop, chance: random.Random) -> None:
    """It is long since the profile was asked for, or the note of it is gone."""
    for path in mine.paths.asked.glob("*"):
        age(path, 7200)
        if chance.random() < 0.3:
            path.unlink()


CHANGES = (change_config, change_settings, change_toml, change_environ, change_shared, change_role, change_asked)


def test_the_whole_command_is_warm_the_second_time(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real process prints the same twice; the second one loads neither the config's reader nor the command line's."""
    with laptop(own_home) as mine:
        mine.cache_role(HOUR)
        indexed(mine, monkeypatch)
        asked = "import sys; sys.argv = ['keeplit', 'credentials', '--profile', 'work']"
        run = "; from keeplit.ui import fast; fast.main()"
        loaded = "; print(sorted({'keeplit.ui.cli', 'click', 'botocore', 'keeplit.engine.whose'} & set(sys.modules)))"
        command = [sys.executable, "-c", asked + run + loaded]
        printed = subprocess.run(
            command, env=mine.environ, capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert printed == ask(mine)[1] + "[]\n"


def caller(mine: Laptop, answer: str) -> str:
    """Return the ARN that STS gives to a claude-format answer's keys."""
    import botocore.session

    given = json.loads(answer)["Credentials"]
    client = botocore.session.Session().create_client(
        "sts",
        region_name="us-east-1",
        endpoint_url=f"{mine.sandbox.url}/sts",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    arn: str = client.get_caller_identity()["Arn"]
    return arn


def cached_on_top(mine: Laptop) -> Path:
    """Return the one file of a role on top in the AWS CLI's cache."""
    (found,) = (path for path in mine.role_file.parent.glob("*.json") if "AssumedRoleUser" in path.read_text())
    return found


def leave(path: Path, left: timedelta) -> None:
    """Let cached credentials have `left` to live."""
    document = json.loads(path.read_text())
    document["Credentials"]["Expiration"] = f"{wall() + left:{TIME}}"
    path.write_text(json.dumps(document))


def test_a_role_on_top_is_assumed_and_shared(own_home: Path, aws_cli_v2: Path) -> None:
    """Assumed once with the session's role; printed in each form; the real AWS CLI then lives on what keeplit took."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume(role_session_name="sam-on-top")
        code, text, error = ask(mine, "deep")
        assert (code, error) == (0, "")
        assert caller(mine, text) == "arn:aws:sts::111122223333:assumed-role/Deep/sam-on-top"
        fields = json.loads(text)["Credentials"]
        assert json.loads(ask(mine, "deep", "process")[1]) == {"Version": 1, **fields}
        assert f"export AWS_CREDENTIAL_EXPIRATION='{fields['Expiration']}'" in ask(mine, "deep", "env")[1]
        command = [str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "deep", "--output", "json"]
        told = subprocess.run(command, env=mine.environ, capture_output=True, text=True, check=True, timeout=60)
        assert json.loads(told.stdout)["Arn"] == caller(mine, text)
        assert (mine.assumed, mine.calls("GetRoleCredentials")) == (1, ["200"])
        assert oct(cached_on_top(mine).stat().st_mode & 0o777) in {"0o600", "0o666"}


def test_a_role_on_top_that_the_cli_assumed_is_served(own_home: Path, aws_cli_v2: Path) -> None:
    """What the real AWS CLI left in its cache is printed without a call, even where nobody is signed in any more."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume(region="us-east-1", sso_session="acme")  # 2.9.19 looks for the source's session here
        command = [str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "deep"]
        told = subprocess.run(command, env=mine.environ, capture_output=True, text=True, check=False, timeout=60)
        assert (told.returncode, told.stderr) == (0, "")
        mine.token_file.unlink()
        taken = json.loads(cached_on_top(mine).read_text())["Credentials"]
        code, text, _ = ask(mine, "deep")
        assert (code, key(text), mine.assumed) == (0, taken["AccessKeyId"], 1)
        assert json.loads(text)["Credentials"]["Expiration"] == taken["Expiration"].replace("+00:00", "Z")


def test_a_chain_of_roles_is_followed(own_home: Path) -> None:
    """Each link is assumed with the one before it, with what its profile says of it; real boto3 agrees."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume("Vendor", region="us-east-1", external_id="keeplit", duration_seconds="1800")
        mine.assume("Deeper", profile="deeper", source="deep", role_session_name="both")
        code, text, error = ask(mine, "deeper")
        assert (code, error, mine.assumed) == (0, "", 2)
        assert caller(mine, text) == "arn:aws:sts::111122223333:assumed-role/Deeper/both"
        command = [
            sys.executable,
            "-c",
            "import boto3; print(boto3.Session(profile_name='deep').client('sts').get_caller_identity()['Arn'])",
        ]
        told = subprocess.run(command, env=mine.environ, capture_output=True, text=True, check=True, timeout=60)
        assert "assumed-role/Vendor/" in told.stdout


@pytest.mark.parametrize(
    ("role", "settings", "says"),
    [
        ("Denied", {}, "role/Denied' (AccessDenied)"),
        ("Vendor", {}, "Signing in again will not help"),
        ("Vendor", {"external_id": "another"}, "external_id"),
        ("Deep", {"duration_seconds": "7200"}, "duration_seconds"),
        ("Deep", {"source_profile": "work", "credential_source": ""}, "source_profile"),
        ("Deep", {"mfa_serial": "arn:aws:iam::1:mfa/sam"}, "aws configure export-credentials --profile=deep"),
    ],
)
def test_a_role_on_top_that_is_refused_says_what_to_look_at(
    own_home: Path, role: str, settings: dict[str, str], says: str
) -> None:
    """Exit 1 and the sentence; a sign-in would not help, and nobody is prompted."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume(role, **settings)
        code, text, error = ask(mine, "deep")
        assert (code, text) == (1, "")
        assert says in error


def test_the_refused_role_of_a_chain_is_named(own_home: Path) -> None:
    """Not the one at the chain's end, which was never asked for."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume("Denied")
        mine.assume("Deeper", profile="deeper", source="deep")
        assert "role/Denied'" in ask(mine, "deeper")[2]


def test_a_code_that_the_cli_asked_for_serves_as_long_as_it_lasts(own_home: Path) -> None:
    """A role with an MFA device is served from the AWS CLI's cache, which the CLI filled after a prompt."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        assert ask(mine, "deep")[0] == 0
        held = cached_on_top(mine)
        serial = "arn:aws:iam::1:mfa/sam"
        mine.assume(profile="coded", mfa_serial=serial)
        asked = {"RoleArn": "arn:aws:iam::111122223333:role/Deep", "SerialNumber": serial}
        name = sha1(json.dumps(asked, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        held.rename(held.with_name(f"{name}.json"))
        leave(cached_on_top(mine), MINUTE)
        assert (ask(mine, "coded")[0], mine.assumed) == (0, 1)


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_role_on_top_needs_a_sign_in_as_its_session_does(own_home: Path, *, signed_in: bool) -> None:
    """A dead token is renewed on the way, else exit 3 and the command to type."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE, **({} if signed_in else {"refreshToken": None}))
        mine.assume()
        code, text, error = ask(mine, "deep")
        assert (code, bool(text), mine.tabs) == ((0, True, ()) if signed_in else (3, False, ()))
        assert ("keeplit login --profile=deep" in error) is not signed_in


def test_the_session_s_cached_role_bridges_a_role_on_top(own_home: Path) -> None:
    """Signed out, but the session's role credentials live: a role is assumed with them."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        assert ask(mine, "work")[0] == 0
        mine.token_file.unlink()
        leave(mine.role_file, MINUTE)
        assert (ask(mine, "deep")[0], mine.assumed) == (0, 1)


def test_a_role_on_top_is_served_to_its_end(own_home: Path) -> None:
    """Nobody is signed in and nothing can be assumed: what was cached goes on, and then exit 3."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        assert ask(mine, "deep")[0] == 0
        mine.token_file.unlink()
        mine.role_file.unlink()
        leave(cached_on_top(mine), MINUTE)
        assert ask(mine, "deep")[0] == 0
        leave(cached_on_top(mine), -MINUTE)
        assert ask(mine, "deep")[:2] == (3, "")


def test_session_keys_that_sts_does_not_take_are_taken_anew(own_home: Path) -> None:
    """Revoked, or of another world: once, and then it is said."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        mine.cache_role(HOUR)
        assert (ask(mine, "deep")[0], mine.calls("GetRoleCredentials")) == (0, ["200"])
        cached_on_top(mine).unlink()
        mine.sandbox.faults.inject("GetCallerIdentity", Fault("forbidden"))
        code, text, error = ask(mine, "deep")
        assert (code, text) == (1, "")
        assert "ForbiddenException" in error


def test_session_keys_that_are_refused_twice_end_it(own_home: Path) -> None:
    """STS goes on refusing them: a failure, not a sign-in, which would bring the same."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        mine.sandbox.faults.inject("GetCallerIdentity", Fault("expired_token"))
        code, text, error = ask(mine, "deep")
        assert (code, text, mine.calls("GetRoleCredentials")) == (1, "", ["200", "200"])
        assert "does not accept" in error


def test_without_a_network_a_role_on_top_cannot_be_assumed(own_home: Path) -> None:
    """Exit 1 and the reason; what is cached is served all the same."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        assert ask(mine, "deep")[0] == 0
        mine.environ["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
        leave(cached_on_top(mine), MINUTE)
        assert ask(mine, "deep")[0] == 0
        cached_on_top(mine).unlink()
        code, text, error = ask(mine, "deep")
        assert (code, text, "could not be reached" in error) == (1, "", True)


def test_ten_windows_assume_once(own_home: Path) -> None:
    """Who waits for the lock is served what the first one took."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        with ThreadPoolExecutor(5) as windows:
            keys = set(windows.map(lambda _: key(ask(mine, "deep")[1]), range(10)))
        assert (len(keys), mine.assumed) == (1, 1)


def test_the_second_time_a_role_on_top_is_warm(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index leads to its file too, until the config says something else."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.assume()
        monkeypatch.setattr(warm, "SETTLED_SECONDS", -1)
        settle(mine)
        text = ask(mine, "deep")[1]
        assert f"{ready(mine, 'deep')}\n" == text
        mine.assume(profile="other")
        assert ready(mine, "deep") is None


def test_at_a_sign_in_s_end_the_bridge_is_served_at_once(own_home: Path) -> None:
    """The end is proven and past, the daemon is at the next sign-in: no renewal is wished for, and nobody waits."""
    with laptop(own_home) as mine:
        mine.sign_in(-MINUTE)
        mine.cache_role(5 * MINUTE)
        digest = token_digest(mine)
        known = SessionMemory(token=digest, capped=digest)
        with daemon_of(mine):
            notebook.write_memory(mine.paths.memory, Memory({mine.token_file.stem: known}))
            before = time.monotonic()
            code, text, _ = ask(mine)
            waited = time.monotonic() - before
        assert (code, key(text), waited < 2) == (0, "ASIAKEPT", True)
        assert list(mine.paths.wishes.glob("*.json")) == []


@pytest.mark.parametrize("rejected", [True, False])
def test_who_has_a_bridge_does_not_wait_long_for_a_renewal(own_home: Path, *, rejected: bool) -> None:
    """A daemon that does not come to it costs 3 s; only a token that lives and was refused is told to it."""
    with laptop(own_home) as mine:
        mine.sign_in(HOUR if rejected else -MINUTE)
        mine.sandbox.sessions.reject("https://d-1234567890.awsapps.com/start")
        mine.cache_role(5 * MINUTE)
        with daemon_of(mine):
            before = time.monotonic()
            code, text, _ = ask(mine)
            waited = time.monotonic() - before
        assert (code, key(text), 3 <= waited < 6) == (0, "ASIAKEPT", True)
        assert len(list(mine.paths.wishes.glob("*.json"))) == rejected


def token_digest(mine: Laptop) -> str:
    """Return what the token of acme is known by."""
    session = next(one for one in aws_config.read(mine.environ, None).sessions if one.name == "acme")
    token = token_cache.look(mine.paths.sso_cache, mine.paths.own, session).token
    assert token is not None
    return token.digest


@contextmanager
def daemon_of(mine: Laptop) -> Iterator[None]:
    """Hold the lock of a daemon that does nothing."""
    living.prepare(mine.paths)
    with files.lock(mine.paths.daemon_lock, timeout=1.0):
        yield
