"""What a document says by key."""

from keeplit.core.keys_said import by_key, flattened


def test_a_document_is_told_by_key() -> None:
    """Members of tables are dotted keys; an empty `env` says nothing, any other empty table is something."""
    assert flattened({"env": {"A": "1"}, "model": "m", "hooks": {}, "list": [{}], "deep": {"er": {"x": True}}}) == {
        "env.A": "1",
        "model": "m",
        "hooks": {},
        "list": [{}],
        "deep.er.x": True,
    }
    assert flattened({"env": {}}) == {}


def test_settings_by_key() -> None:
    """Each member of `env` is a key; every other member is one whole, since it is changed as one."""
    said = {"env": {"A": "1"}, "model": "m", "statusLine": {"type": "command"}, "hooks": {}}
    assert by_key(said) == {"env.A": "1", "model": "m", "statusLine": {"type": "command"}, "hooks": {}}
    assert by_key({"env": []}) == {}
