"""Tables in Markdown, as the documents have them."""

from collections.abc import Mapping, Sequence


def table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    """A table of a head and lines."""
    rows = [head, ("---",) * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def sections(tables: Mapping[str, str]) -> str:
    """Tables below their titles."""
    return "\n\n".join(f"{title}\n\n{text}" for title, text in tables.items())
