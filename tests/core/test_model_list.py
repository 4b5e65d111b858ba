from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from keeplit.core.model_list import (
    InferenceProfile,
    Lifecycle,
    Listing,
    Refused,
    Resolved,
    nearness,
    ordered,
    profile_of,
    resolve,
)
from keeplit.core.models import Kind, parse

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER, BEFORE = NOON + timedelta(days=30), NOON - timedelta(days=1)
REGION = "eu-central-1"
EUROPE = ("eu-central-1", "eu-west-1")
LEGACY = Lifecycle(legacy=True, legacy_at=BEFORE, ends_at=LATER)
OVER = Lifecycle(legacy=True, ends_at=NOON)
TEAM = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
SONNET_45 = "anthropic.claude-sonnet-4-5-20250929-v1:0"
OLD_HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"


def made(name: str, *regions: str, life: Lifecycle | None = None, own: str = "") -> InferenceProfile:
    """Return a profile as a region lists it: of Europe where nothing else is said."""
    runs_in = regions or EUROPE
    everywhere = name.startswith("global.")
    return InferenceProfile(
        own or name,
        name,
        parse(name),
        (REGION,) if everywhere else runs_in,
        everywhere=everywhere,
        application=bool(own),
        lifecycle=life,
    )


def listed(*profiles: InferenceProfile, region: str = REGION, on_demand: tuple[str, ...] = ()) -> Listing:
    """Return a fresh list."""
    return Listing(region, profiles, age=timedelta(0), on_demand=on_demand)


EU = listed(
    made("eu.anthropic.claude-opus-4-6-v1"),
    made("global.anthropic.claude-opus-4-6-v1"),
    made("global.anthropic.claude-opus-5"),
    made(f"eu.{SONNET_45}"),
    made(f"global.{SONNET_45}"),
    made("eu.anthropic.claude-sonnet-4-6"),
    made("global.anthropic.claude-sonnet-4-6"),
    made("eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
    made(f"eu.{OLD_HAIKU}", life=LEGACY),
    made(SONNET_45, own=TEAM),
    on_demand=(OLD_HAIKU,),
)


def answered(asked: str, listing: Listing = EU) -> str:
    """Return the id that a listing answers with."""
    found = resolve(listing, asked, NOON)
    assert isinstance(found, Resolved), found
    return found.id


def refused(asked: str, listing: Listing = EU) -> Refused:
    """Return the refusal of what a listing has no answer to; it names a next step."""
    found = resolve(listing, asked, NOON)
    assert isinstance(found, Refused), found
    assert found.nearest in found.sentence
    assert found.nearest or "keeplit models" in found.sentence or "full id" in found.sentence
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("opus", "global.anthropic.claude-opus-5"),
        ("sonnet", "eu.anthropic.claude-sonnet-4-6"),
        ("haiku", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("Sonnet[1m]", "eu.anthropic.claude-sonnet-4-6[1m]"),
        ("claude-opus-4-6", "eu.anthropic.claude-opus-4-6-v1"),
        ("claude-sonnet-4-5", f"eu.{SONNET_45}"),
        ("claude-sonnet-4-5-20250929[1m]", f"eu.{SONNET_45}[1m]"),
        ("claude-3-haiku-20240307", f"eu.{OLD_HAIKU}"),
    ],
)
def test_an_alias_or_an_id_of_anthropic_is_answered_with_the_newest_and_nearest(asked: str, expected: str) -> None:
    """The newest of its family, through the profile whose requests travel least; the answer stands in the list."""
    assert answered(asked) == expected
    assert expected.removesuffix("[1m]") in {one.id for one in EU.profiles}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (f"eu.{SONNET_45}", f"eu.{SONNET_45}"),
        (f"global.{SONNET_45}[1m]", f"global.{SONNET_45}[1m]"),
        (f"arn:aws:bedrock:{REGION}:111122223333:inference-profile/eu.{SONNET_45}", f"eu.{SONNET_45}"),
        (TEAM, TEAM),
        (OLD_HAIKU, OLD_HAIKU),
        (f"arn:aws:bedrock:{REGION}::foundation-model/{OLD_HAIKU}", OLD_HAIKU),
    ],
)
def test_what_stands_in_the_list_is_taken(asked: str, expected: str) -> None:
    """A profile by id or ARN, one that the account made, and a model that needs no profile."""
    assert answered(asked) == expected


@pytest.mark.parametrize(
    ("asked", "code", "nearest"),
    [
        (f"us.{SONNET_45}", "wrong_region", f"eu.{SONNET_45}"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "wrong_region", "global.anthropic.claude-opus-5"),
        ("us.anthropic.claude-opus-4-6-v1[1m]", "wrong_region", "eu.anthropic.claude-opus-4-6-v1[1m]"),
        ("eu.anthropic.claude-opus-5", "no_such_model", "global.anthropic.claude-opus-5"),
        ("eu.anthropic.claude-sonnet-4-5", "no_such_model", f"eu.{SONNET_45}"),
        ("eu.anthropic.claude-sonnet-4-6-v1:0", "no_such_model", "eu.anthropic.claude-sonnet-4-6"),
        ("mars.anthropic.claude-sonnet-4-6", "no_such_model", "eu.anthropic.claude-sonnet-4-6"),
        (SONNET_45, "needs_profile", f"eu.{SONNET_45}"),
        ("anthropic.claude-sonnet-9", "no_such_model", "eu.anthropic.claude-sonnet-4-6"),
        ("claude-sonnet-9", "no_such_model", "eu.anthropic.claude-sonnet-4-6"),
        ("claude-wick-9", "no_such_model", ""),
        (TEAM.replace(REGION, "us-east-1"), "wrong_region", ""),
        (TEAM.replace("a1b2", "ffff"), "no_such_model", ""),
        (
            f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{SONNET_45}",
            "wrong_region",
            f"eu.{SONNET_45}",
        ),
        (f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.{SONNET_45}", "wrong_region", f"eu.{SONNET_45}"),
        ("arn:aws:bedrock:us-east-1:111122223333:provisioned-model/x1", "wrong_region", ""),
        ("eu.amazon.nova-pro-v1:0", "not_anthropic", ""),
        ("sonett", "not_a_model", ""),
        ("", "not_a_model", ""),
    ],
)
def test_what_cannot_work_is_refused_with_the_nearest_right_one(asked: str, code: str, nearest: str) -> None:
    """The same model where the region has it, else the newest of its family; never one that was composed."""
    found = refused(asked)

    assert (found.code, found.nearest, found.exit_code) == (code, nearest, 2 if code == "not_a_model" else 1)


def test_an_alias_of_a_family_that_the_region_lacks_is_refused() -> None:
    """No other family is offered in its place."""
    found = refused("opus", listed(made(f"eu.{SONNET_45}")))

    assert (found.code, found.nearest) == ("no_such_model", "")


def test_what_a_list_does_not_hold_passes_unchecked() -> None:
    """Provisioned throughput is never listed; other names are not where AWS did not say."""
    arn = f"arn:aws:bedrock:{REGION}:111122223333:provisioned-model/x1"
    partial = replace(EU, unknown=("application", "lifecycle"), on_demand=())
    strange = TEAM.replace("a1b2", "ffff")

    found = [resolve(EU, arn, NOON), resolve(partial, strange, NOON), resolve(partial, f"{SONNET_45}[1m]", NOON)]

    assert [(one.id, one.checked) for one in found if isinstance(one, Resolved)] == [
        (arn, False),
        (strange, False),
        (f"{SONNET_45}[1m]", False),
    ]


@pytest.mark.parametrize("asked", ["opus", "claude-opus-5"])
def test_without_a_list_nothing_is_looked_up(asked: str) -> None:
    """An alias is not answered from memory; the refusal says why there is no list, and what to do instead."""
    listing = Listing(REGION, code="denied", fault="your role may not list them.", exit_code=3)

    found = refused(asked, listing)

    assert (found.code, found.exit_code) == ("unknown_list", 3)
    assert "(your role may not list them)" in found.sentence
    assert refused(asked, Listing(REGION)).exit_code == 1


def test_without_a_list_a_full_id_passes_unchecked() -> None:
    """A denied list says nothing about access; what is plainly another region's is refused, by its prefix."""
    listing = Listing(REGION, code="denied", fault="your role may not list them")

    found = resolve(listing, "eu.anthropic.claude-opus-5[1m]", NOON)

    expected = Resolved(
        "eu.anthropic.claude-opus-5[1m]", "It was not checked: your role may not list them.", checked=False
    )
    assert found == expected
    assert refused("us.anthropic.claude-opus-5", listing).code == "wrong_region"
    assert "eu. or global." in refused("us.anthropic.claude-opus-5", listing).sentence
    assert "another prefix" in refused(TEAM, Listing("me-central-1")).sentence


def test_a_person_is_told_where_requests_go() -> None:
    """Nothing is said of the region's own profile, a word of one that leaves the region or goes anywhere."""
    from_canada = listed(made("us.anthropic.claude-opus-5", "us-east-1", "us-west-2"), region="ca-central-1")

    notes = [
        getattr(resolve(listing, "opus", NOON), "note", None)
        for listing in (EU, from_canada, listed(made("eu.anthropic.claude-opus-5")))
    ]

    assert notes == [
        "Its requests may run in any commercial region.",
        "Its requests leave ca-central-1: they run in us-east-1, us-west-2.",
        "",
    ]


@pytest.mark.parametrize(
    ("life", "note"),
    [
        (LEGACY, "AWS calls it legacy; it ends on 2026-04-01."),
        (Lifecycle(legacy=True), "AWS calls it legacy."),
        (Lifecycle(), ""),
        (None, ""),
    ],
)
def test_a_person_is_told_of_the_end(life: Lifecycle | None, note: str) -> None:
    """A legacy model is taken, with its date where AWS says one."""
    found = resolve(listed(made("eu.anthropic.claude-opus-5", life=life)), "eu.anthropic.claude-opus-5", NOON)

    assert found == Resolved("eu.anthropic.claude-opus-5", note, profile=made("eu.anthropic.claude-opus-5", life=life))


def test_a_model_past_its_end_is_refused_with_the_next() -> None:
    """AWS calls it no more; an alias skips it, and one that is legacy while there is another."""
    newest = made("eu.anthropic.claude-opus-5", life=OVER)
    legacy = made("eu.anthropic.claude-opus-4-6-v1", life=LEGACY)
    good = made("eu.anthropic.claude-opus-4-1-20250805-v1:0")

    found = refused(newest.id, listed(newest, legacy, good))

    assert (found.code, found.nearest) == ("over", good.id)
    assert answered("opus", listed(newest, legacy, good)) == good.id
    assert answered("opus", listed(newest, legacy)) == legacy.id
    assert refused("opus", listed(newest)).nearest == ""


def test_profiles_are_shown_by_family_newest_first_nearest_first() -> None:
    """Opus, Sonnet, Haiku, the rest; what the account made stands after AWS's own of the same model."""
    found = [one.id for one in ordered(reversed(EU.profiles), REGION)]

    assert found == [
        "global.anthropic.claude-opus-5",
        "eu.anthropic.claude-opus-4-6-v1",
        "global.anthropic.claude-opus-4-6-v1",
        "eu.anthropic.claude-sonnet-4-6",
        "global.anthropic.claude-sonnet-4-6",
        f"eu.{SONNET_45}",
        f"global.{SONNET_45}",
        TEAM,
        "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        f"eu.{OLD_HAIKU}",
    ]


def test_the_nearest_profile_travels_least() -> None:
    """It runs in the region itself, and in few others; `global.` is the farthest, whatever regions it names."""
    tokyo = "ap-northeast-1"
    japan = made(f"jp.{SONNET_45}", tokyo, "ap-northeast-3")
    asia = made(f"apac.{SONNET_45}", tokyo, "ap-south-1", "ap-southeast-1")
    away = made(f"us.{SONNET_45}", "us-east-1")
    everywhere = made(f"global.{SONNET_45}")

    found = sorted([everywhere, away, asia, japan], key=lambda one: nearness(one, tokyo))

    assert found == [japan, asia, away, everywhere]


ARNS = [f"arn:aws:bedrock:{region}::foundation-model/{SONNET_45}" for region in EUROPE]
SUMMARY = {"id": f"eu.{SONNET_45}", "name": "EU Sonnet", "arn": "arn:system", "models": ARNS}


def test_a_summary_of_aws_becomes_a_profile() -> None:
    """Its regions are those of its models' ARNs; one ARN without a region stands for all."""
    found = profile_of(SUMMARY, {SONNET_45: LEGACY})
    wide = profile_of(
        {
            **SUMMARY,
            "id": f"global.{SONNET_45}",
            "models": [ARNS[0], f"arn:aws:bedrock:::foundation-model/{SONNET_45}"],
        },
        {},
    )

    name = parse(f"eu.{SONNET_45}")
    assert found == InferenceProfile(f"eu.{SONNET_45}", "EU Sonnet", name, EUROPE, lifecycle=LEGACY)
    assert wide is not None
    assert (wide.regions, wide.everywhere, wide.lifecycle) == (EUROPE[:1], True, None)


def test_a_profile_of_the_account_is_called_by_its_arn() -> None:
    """Its own id says nothing; which model it is, the ARN behind it says."""
    found = profile_of({"id": "a1b2c3d4e5f6", "name": "team", "arn": TEAM, "application": True, "models": ARNS}, {})

    assert found is not None
    assert (found.id, found.name, found.application, found.regions) == (TEAM, "team", True, EUROPE)
    assert (found.model.kind, found.model.base) == (Kind.BASE, SONNET_45)


@pytest.mark.parametrize(
    "summary",
    [
        {},
        {**SUMMARY, "id": 7},
        {**SUMMARY, "models": []},
        {**SUMMARY, "models": None},
        {**SUMMARY, "models": [7]},
        {**SUMMARY, "application": True, "arn": ""},
        {**SUMMARY, "application": True, "models": [f"{ARNS[0].rpartition('/')[0]}/amazon.nova-pro-v1:0"]},
        {**SUMMARY, "id": "eu.amazon.nova-pro-v1:0"},
    ],
)
def test_what_is_broken_or_of_another_vendor_is_no_profile(summary: dict[str, object]) -> None:
    """Claude Code calls Anthropic's models alone."""
    assert profile_of(summary, {}) is None


WORDS = ["us.", "eu.", "global.", "anthropic.", "claude-", "opus", "sonnet", "haiku", "-4-5", "-20250929", "-v1:0"]


@given(some.lists(some.sampled_from([*WORDS, "-5", "-4-6", "[1m]", TEAM, "x"]), max_size=8).map("".join))
def test_nothing_is_ever_composed(asked: str) -> None:
    """Whatever is asked for: what is answered as checked, and what is offered instead, stands in the list."""
    found = resolve(EU, asked, NOON)

    there = {*(one.id for one in EU.profiles), *EU.on_demand}
    said = found.nearest if isinstance(found, Refused) else found.id if found.checked else ""
    assert said.removesuffix("[1m]") in {*there, ""}
