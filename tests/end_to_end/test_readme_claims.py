"""Each sentence of the README has its proof: `readme_claims.txt` holds them all, and under each what it stands on.

A proof is a test, the page of whoever said it, or a word on why there is nothing to prove. Who changes a sentence
changes it there too, and looks whether its proof still proves it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CLAIMS = (Path(__file__).parent / "readme_claims.txt").read_text("utf-8")
INDENT = "    "


def sentences(page: str) -> Iterator[str]:
    """Give the sentences, the rows of tables and the lines of a shell; headings, pictures and other code have tests."""
    for part in re.split(r"(```.*?```)", page, flags=re.DOTALL):
        if part.startswith("```sh\n"):
            yield from part.splitlines()[1:-1]
        elif not part.startswith("```"):
            for block in filter(None, blocks(part)):
                yield from [block] if block.startswith("|") else re.split(r"(?<=[.!?]) (?=[A-Z*`\[])", block)


def blocks(text: str) -> list[str]:
    """Return paragraphs, items and rows, each on one line."""
    found = [""]
    for whole in text.splitlines():
        line = whole.removeprefix("> ").strip()
        if not line or line.startswith(("#", "![")) or re.fullmatch(r"[|\- ]+", line):
            found.append("")
        elif line.startswith("|"):
            found += [line, ""]
        elif item := re.match(r"(?:- |\d\. )(.*)", line):
            found.append(item[1])
        else:
            found[-1] = f"{found[-1]} {line}".strip()
    return found


def claims(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each sentence with its proofs."""
    for part in re.split(r"\n(?! )", text.strip()):
        sentence, *proofs = part.splitlines()
        yield sentence, [proof.removeprefix(INDENT) for proof in proofs]


@cache
def named_in(name: str) -> frozenset[str]:
    """Return the names of the tests of a file; none where there is no such file."""
    place = ROOT / "tests" / name
    if not place.is_file():
        return frozenset()
    body = ast.parse(place.read_text("utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def is_proof(proof: str) -> bool:
    """Tell whether a proof is there: a test, an address, or a reason why there is none."""
    if proof.startswith(("- ", "https://")):
        return True
    name, _, test = proof.partition("::")
    return test in named_in(name)


def complaints(page: str, text: str) -> Iterator[str]:
    """Give what is wrong between a page and its proofs."""
    known = dict(claims(text))
    said = list(sentences(page))
    yield from (f"no proof of: {sentence}" for sentence in said if sentence not in known)
    yield from (f"not on the page: {sentence}" for sentence in known if sentence not in said)
    for sentence, proofs in known.items():
        yield from (f"{proof} is not there: {sentence}" for proof in proofs or ["a proof"] if not is_proof(proof))


def test_each_sentence_has_its_proof() -> None:
    """None is left out, none is left over, and each test that is named is there."""
    assert list(complaints(README, CLAIMS)) == []


def test_most_of_it_is_proven_by_tests() -> None:
    """Others' words and words that claim nothing are the smaller part."""
    tested = [proofs for _, proofs in claims(CLAIMS) if any("::" in proof for proof in proofs)]
    assert len(tested) > 0.75 * len(list(claims(CLAIMS)))


def test_a_changed_sentence_and_a_lost_proof_are_seen() -> None:
    """Each in a complaint of its own."""
    page = "# Lamp\n\nIt burns. It\nnever smokes.\n\n| oil | lasts |\n|---|---|\n| one | hour |\n\n1. It is *lit*.\n"
    page += "\n```sh\nlit  # so\n```\n\n```text\nno claim\n```\n"
    here = "end_to_end/test_readme_claims.py::test_each_sentence_has_its_proof"
    text = f"It burns.\n    {here}\nIt never smokes.\n    - hope\n| oil | lasts |\n    - a head\n"
    text += f"| one | hour |\n    {here}\nIt is *lit*.\n    https://example.com\nlit  # so\n    - code\n"
    assert list(complaints(page, text)) == []
    changed = list(complaints(page.replace("never", "hardly"), text))
    assert changed == ["no proof of: It hardly smokes.", "not on the page: It never smokes."]
    assert list(complaints(page, text.replace("_its_proof", "_none"))) == [
        f"{here.replace('_its_proof', '_none')} is not there: {sentence}"
        for sentence in ("It burns.", "| one | hour |")
    ]
    assert list(complaints(page, text.replace("\n    - hope", ""))) == ["a proof is not there: It never smokes."]
