"""The nouns of the settings hold what they say by default: nothing is known, nothing is wanted, nothing was agreed."""

from keeplit.core.settings_model import FileState, Repair, Settings, SettingsMemory


def test_settings_nobody_looked_at_ask_for_nothing() -> None:
    """Before a first look there is no file, no wish of config.toml, and repair is on."""
    settings = Settings()

    assert (settings.state, settings.wanted, settings.repair) == (FileState.ABSENT, {}, Repair.AUTO)


def test_a_fresh_memory_has_agreed_on_nothing() -> None:
    """Nothing is kept of a file before it was agreed."""
    assert not SettingsMemory().agreed
