"""Claude Code's settings file: where it is, what it says, and the one way in which it is written.

Law: only the bytes of the keys that are asked for change, and only while the file is what was read. Whatever cannot be
edited is left as it is, and the outcome says why and what to do. Nothing here raises for the state of a file.

What writes is imported from `writing` and `written`: whoever only looks does without it.
"""

from keeplit.adapters.claude_settings.reading import Contents, path, profile, read, value

__all__ = ["Contents", "path", "profile", "read", "value"]
