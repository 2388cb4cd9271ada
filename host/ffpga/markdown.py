"""Tables in Markdown, as the documents have them."""

from collections.abc import Sequence


def table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    """A table of a head and lines."""
    rows = [head, ("---",) * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
