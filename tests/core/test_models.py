from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from keeplit.core.models import Family, Kind, ModelName, is_region, may_work, parse, prefixes

SONNET_45 = "anthropic.claude-sonnet-4-5-20250929-v1:0"
OWN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"


@pytest.mark.parametrize(
    ("text", "prefix", "family", "version", "date", "revision"),
    [
        ("anthropic.claude-3-haiku-20240307-v1:0", "", Family.HAIKU, (3,), "20240307", 1),
        ("anthropic.claude-3-sonnet-20240229-v1:0:28k", "", Family.SONNET, (3,), "20240229", 1),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "", Family.SONNET, (3, 5), "20241022", 2),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "us", Family.OPUS, (4, 1), "20250805", 1),
        ("jp.anthropic.claude-sonnet-4-5-20250929-v1:0", "jp", Family.SONNET, (4, 5), "20250929", 1),
        ("eu.anthropic.claude-opus-4-6-v1", "eu", Family.OPUS, (4, 6), "", 1),
        ("us-gov.anthropic.claude-sonnet-4-6", "us-gov", Family.SONNET, (4, 6), "", 0),
        ("global.anthropic.claude-opus-5", "global", Family.OPUS, (5,), "", 0),
        ("anthropic.claude-v2:1", "", Family.OTHER, (), "", 2),
        ("mars.anthropic.claude-wick-6", "mars", Family.OTHER, (6,), "", 0),
    ],
)
def test_an_id_of_bedrock_is_taken_apart(
    text: str, prefix: str, family: Family, version: tuple[int, ...], date: str, revision: int
) -> None:
    """The words of a name stand in any order, with a date and an ending or without, behind a known prefix or none."""
    name = parse(text)

    kind = Kind.PROFILE if prefix else Kind.BASE
    assert (name.kind, name.prefix, name.vendor) == (kind, prefix, "anthropic")
    assert (name.family, name.version, name.date, name.revision) == (family, version, date, revision)
    assert name.base == text.removeprefix(f"{prefix}.")


@pytest.mark.parametrize(
    ("text", "base", "version", "date"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929", (4, 5), "20250929"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-latest", (3, 5), ""),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5-20250929", (4, 5), "20250929"),
        ("sonnet-4.5", "sonnet-4-5", (4, 5), ""),
        ("Claude Sonnet 5", "claude-sonnet-5", (5,), ""),
    ],
)
def test_an_id_of_anthropic_is_taken_apart(text: str, base: str, version: tuple[int, ...], date: str) -> None:
    """As its API, its documentation and other clouds spell it."""
    name = parse(text)

    assert (name.kind, name.base, name.vendor) == (Kind.ANTHROPIC, base, "anthropic")
    assert (name.family, name.version, name.date) == (Family.SONNET, version, date)


@pytest.mark.parametrize("text", ["opus", "SONNET", " haiku "])
def test_an_alias_names_a_family(text: str) -> None:
    """However it is written; it says nothing of a version."""
    name = parse(text)

    assert (name.kind, name.family, name.version) == (Kind.ALIAS, Family(text.strip().lower()), ())


@pytest.mark.parametrize(
    ("text", "rest", "kind"),
    [
        ("opus[1m]", "opus", Kind.ALIAS),
        ("Opus[1M]", "opus", Kind.ALIAS),
        (f"us.{SONNET_45}[1m]", f"us.{SONNET_45}", Kind.PROFILE),
        (f"{OWN}[1m]", OWN, Kind.APPLICATION),
        ("claude-opus-4-6 [1m]", "claude-opus-4-6", Kind.ANTHROPIC),
    ],
)
def test_the_ending_for_the_long_context_is_stripped_and_kept_in_mind(text: str, rest: str, kind: Kind) -> None:
    """It is Claude Code's own, and no part of any id."""
    name = parse(text)

    assert (name.long_context, name.text, name.kind) == (True, rest, kind)
    assert not parse(rest).long_context


@pytest.mark.parametrize(
    ("text", "kind", "region", "account", "base"),
    [
        (OWN, Kind.APPLICATION, "us-east-1", "111122223333", ""),
        ("arn:aws:bedrock:us-east-1:111122223333:provisioned-model/x1", Kind.ARN, "us-east-1", "111122223333", ""),
        (f"arn:aws:bedrock:eu-west-1::foundation-model/{SONNET_45}", Kind.BASE, "eu-west-1", "", SONNET_45),
        (f"arn:aws:bedrock:::foundation-model/{SONNET_45}", Kind.BASE, "", "", SONNET_45),
        (
            f"arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.{SONNET_45}",
            Kind.PROFILE,
            "us-gov-west-1",
            "111122223333",
            SONNET_45,
        ),
    ],
)
def test_an_arn_says_region_and_account(text: str, kind: Kind, region: str, account: str, base: str) -> None:
    """Of a model, of AWS's profile, of the account's own, and of what else can be called."""
    name = parse(text)

    assert (name.kind, name.region, name.account, name.base) == (kind, region, account, base)
    assert name.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "[1m]",
        "gpt-4",
        "best",
        "sonett",
        "arn:aws:s3:::lamp",
        "a.b c",
        ".x",
        "x.",
        "ö.p",
        "a.\x1bb",
        "y" * 2049,
    ],
)
def test_what_names_no_model_is_unknown(text: str) -> None:
    """Whatever a person types is answered, and nothing is guessed."""
    assert parse(text).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("text", "vendor", "prefix"),
    [("us.amazon.nova-pro-v1:0", "amazon", "us"), ("deepseek.v3.2", "deepseek", ""), ("meta.llama4-v1:0", "meta", "")],
)
def test_models_of_others_are_told_apart(text: str, vendor: str, prefix: str) -> None:
    """A vendor is not taken for a prefix, though a name may have a dot of its own."""
    assert (parse(text).vendor, parse(text).prefix) == (vendor, prefix)


def test_the_newest_is_the_largest() -> None:
    """By version, then date, then revision, with a date in the name or without."""
    oldest_first = [
        "anthropic.claude-3-sonnet-20240229-v1:0",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-sonnet-4-20250514-v1:0",
        SONNET_45,
        "anthropic.claude-sonnet-4-6",
        "anthropic.claude-sonnet-5",
        "anthropic.claude-sonnet-10-1",
    ]
    ages = [parse(text).age for text in oldest_first]
    assert all(older < newer for older, newer in pairwise(ages))


@pytest.mark.parametrize(
    ("said", "model", "same"),
    [
        ("claude-sonnet-4-5", SONNET_45, True),
        ("claude-sonnet-4-5-20250929", SONNET_45, True),
        ("claude-sonnet-4-5-20250930", SONNET_45, False),
        ("claude-sonnet-4", SONNET_45, False),
        ("claude-opus-4-5", SONNET_45, False),
        (f"us.{SONNET_45}", f"eu.{SONNET_45}", True),
        ("anthropic.claude-sonnet-4-5", f"eu.{SONNET_45}", True),
        ("claude-wick-5", "us.anthropic.claude-wick-5", True),
        ("claude-wick-5", "us.anthropic.claude-lamp-5", False),
        ("claude-v2", "anthropic.claude-v2:1", True),
        ("claude-v1", "anthropic.claude-v2:1", False),
        ("us.amazon.nova-pro-v1:0", "anthropic.claude-v1", False),
    ],
)
def test_a_name_means_a_model_in_whatever_spelling(said: str, model: str, *, same: bool) -> None:
    """What a name leaves open, its date and prefix, does not count; what it says does."""
    assert parse(said).names(parse(model)) is same


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", ("us", "global")),
        ("us-gov-west-1", ("us-gov",)),
        ("eu-central-1", ("eu", "global")),
        ("ap-northeast-1", ("jp", "apac", "global")),
        ("ap-southeast-2", ("au", "apac", "global")),
        ("ap-south-1", ("apac", "global")),
        ("ca-central-1", ("ca", "us", "global")),
        ("me-central-1", ()),
    ],
)
def test_the_prefixes_of_a_region_are_known_nearest_first(region: str, expected: tuple[str, ...]) -> None:
    """Of a part of the world that the table does not have, nothing is claimed."""
    assert prefixes(region) == expected


@pytest.mark.parametrize(
    ("text", "region", "may"),
    [
        (f"us.{SONNET_45}", "us-west-2", True),
        (f"us.{SONNET_45}", "eu-west-1", False),
        (f"us.{SONNET_45}", "us-gov-west-1", False),
        (f"au.{SONNET_45}", "ap-northeast-1", False),
        (f"global.{SONNET_45}", "ap-northeast-1", True),
        (f"us.{SONNET_45}", "me-central-1", True),
        ("mars.anthropic.claude-opus-6", "eu-west-1", True),
        (SONNET_45, "eu-west-1", True),
        (OWN, "us-east-1", True),
        (OWN, "us-west-2", False),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET_45}", "us-west-2", True),
    ],
)
def test_only_what_is_plainly_wrong_cannot_work(text: str, region: str, *, may: bool) -> None:
    """Without a list an unknown prefix, or an unknown part of the world, is let through."""
    assert may_work(parse(text), region) is may


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("us-east-1", True),
        ("us-gov-west-1", True),
        ("eusc-de-east-1", True),
        ("ap-southeast-7", True),
        ("", False),
        ("us-east", False),
        ("us-east-1/", False),
        ("../us-east-1", False),
        ("us-east-1\n", False),
        ("US-EAST-1", False),
    ],
)
def test_a_region_is_one_by_its_form(text: str, *, is_one: bool) -> None:
    """It becomes part of a host's name and of a file's, so nothing else passes."""
    assert is_region(text) is is_one


@given(some.text(max_size=40) | some.text("anthropic.claude-sonnet-45[1m]:/us ", max_size=60))
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    """And what is read out of a name is the same however often it is read."""
    name = parse(text)

    assert isinstance(name, ModelName)
    assert parse(name.text).text == name.text or name.text.lower().endswith("[1m]")
