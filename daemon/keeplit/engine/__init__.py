"""The turn and the use cases: where decisions meet the outside."""
