"""The blocks of code of a page: what is to be run, what it is said to print, what is not run and why."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_BLOCK: Final = re.compile(
    r"(?:^ *<!-- (?P<remark>(?:not run: |run by )[^>]+?) -->\n)?"
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```\n"
    r"(?:\n(?P=indent)```text\n(?P<shown>.*?)^(?P=indent)```\n)?",
    re.MULTILINE | re.DOTALL,
)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d:\d\d\b")
_RULE: Final = re.compile(r"-{2,}|—+")
_NUMBER: Final = re.compile(r"^\d+ (?=moment )")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code."""

    page: Path
    line: int
    section: str
    """The heading above it."""
    language: str
    text: str
    shown: str | None
    """The output that the page shows of it: the block of the language `text` right after."""
    remark: str | None
    """The comment before it, if it says `not run: REASON` or `run by FILE::TEST`."""

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def is_run(self) -> bool:
        """Whether it is a script that the test of its page runs."""
        return self.language == "sh" and self.remark is None


def blocks(page: Path) -> list[Block]:
    """Read the blocks of a page, in their order."""
    text = page.read_text()
    return [_block(page, text, match) for match in _BLOCK.finditer(text)]


def sections(page: Path) -> dict[str, list[Block]]:
    """Read the blocks that are run, by the section they stand in."""
    found: dict[str, list[Block]] = {}
    for block in blocks(page):
        if block.is_run:
            found.setdefault(block.section, []).append(block)
    return found


def missing(shown: str, printed: str) -> list[str]:
    """List the lines of what a page shows that were not printed in this order; `...` stands for any lines.

    Moments, spaces and the lengths of rules may differ, and so does the number of an event.
    """
    lines = iter([_plain(line) for line in printed.splitlines()])
    wanted = [_plain(line) for line in shown.splitlines() if line.strip() not in {"", "..."}]
    return [line for line in wanted if line not in lines]


def _plain(line: str) -> str:
    words = " ".join(_RULE.sub("-", _MOMENT.sub("moment", line)).split())
    return _NUMBER.sub("", words)


def _block(page: Path, text: str, match: re.Match[str]) -> Block:
    before = text[: match.start("language")]
    headings = _HEADING.findall(_without_code(before))
    return Block(
        page=page,
        line=before.count("\n") + 1,
        section=headings[-1] if headings else "",
        language=match["language"],
        text=match["text"],
        shown=match["shown"],
        remark=match["remark"],
    )


def _without_code(text: str) -> str:
    """Take the blocks out: a comment in a script looks like a heading."""
    return _BLOCK.sub("", text)
