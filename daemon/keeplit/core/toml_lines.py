"""Where a key stands in a TOML text, so that a complaint can point to it.

Law: the text is known to be good TOML (https://toml.io/en/v1.0.0); here nothing is judged and nothing raised.
"""

import re
from collections import Counter
from collections.abc import Iterator

TOKEN = re.compile(
    r'"{3}(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*|[A-Za-z0-9_-]+|.', re.DOTALL
)
Key = tuple[str | int, ...]


def line_of(text: str, key: Key) -> int:
    """Return the line of a key, or of the nearest thing that holds it; 0 where nothing does.

    A key is the names that lead to it, as ``("sign_in", "mode")``; the number after an array of tables counts from 0.
    """
    best, line = 0, 0
    for at, place in _places(text):
        shared = min(len(place), len(key))
        if shared > best and place[:shared] == key[:shared]:
            best, line = shared, at
    return line


def _places(text: str) -> Iterator[tuple[int, Key]]:
    """Give each table's head and each key with its line, in their order."""
    table: Key = ()
    tables: Counter[Key] = Counter()
    for line, words in _statements(text):
        if words[0] != "[":
            yield line, (*table, *_names(words[: words.index("=")]))
            continue
        table = _names(words)
        if words[1] == "[":
            tables[table] += 1
            table = (*table, tables[table] - 1)
        yield line, table


def _names(words: list[str]) -> Key:
    return tuple(word[1:-1] if word[0] in "\"'" else word for word in words if word not in {"[", "]", "."})


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the words of each statement with its first line: a value may go on over many lines."""
    line, start, depth = 1, 1, 0
    words: list[str] = []
    for found in TOKEN.finditer(f"{text}\n"):
        word = found[0]
        if word == "\n" and depth == 0 and words:
            yield start, words
            words = []
        elif not word.isspace() and word[0] != "#":
            start = start if words else line
            words.append(word)
            depth += (word in {"[", "{"}) - (word in {"]", "}"})
        line += word.count("\n")
