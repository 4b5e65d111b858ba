from __future__ import annotations

from keeplit.core.old_advice_evidence import Evidence, Line, Said


def test_values_are_texts_by_key() -> None:
    """The texts at the top stand by their name, those of `env` with it; what is no text is left out."""
    seen = Evidence(settings={"model": "opus", "hooks": {}, "env": {"AWS_PROFILE": "work", "LIMIT": 4096}})
    assert seen.values == {"model": "opus", "env.AWS_PROFILE": "work"}
    assert Evidence(settings={"env": ["broken"]}).values == {}


def test_each_place_that_says_a_variable_is_named() -> None:
    """The settings come first, then each line that sets it in whatever shell; the environment only if none does."""
    lines = (
        Line("~/.bashrc", 3, "export LIMIT='4096'"),
        Line("~/.config/fish/config.fish", 9, "set -gx LIMIT 4096;"),
        Line("profile.ps1", 1, '$env:LIMIT = "4096"'),
        Line("~/.zshrc", 2, "export OTHER_LIMIT=1"),
    )
    seen = Evidence(settings={"env": {"LIMIT": 4096}}, shell_lines=lines, environ={"LIMIT": "4096"})
    assert [said.place for said in seen.said("LIMIT")] == [
        "~/.claude/settings.json",
        "~/.bashrc, line 3",
        "~/.config/fish/config.fish, line 9",
        "profile.ps1, line 1",
    ]
    assert {said.value for said in seen.said("LIMIT")} == {"4096"}
    assert Evidence(environ={"LIMIT": "1"}).said("LIMIT") == (Said("your environment", "1"),)
    assert Evidence(settings={"env": []}).said("LIMIT") == ()


def test_a_profile_is_seen_with_the_one_it_leads_to() -> None:
    """The profile in use and its source are looked at; all where none is named, none where the named one is gone."""
    profiles = {"a": {"source_profile": "b"}, "b": {}, "c": {"source_profile": "gone"}}
    assert set(Evidence(profiles=profiles, profile="a").own_profiles) == {"a", "b"}
    assert set(Evidence(profiles=profiles, profile="c").own_profiles) == {"c"}
    assert set(Evidence(profiles=profiles).own_profiles) == {"a", "b", "c"}
    assert Evidence(profiles=profiles, profile="x").own_profiles == {}
