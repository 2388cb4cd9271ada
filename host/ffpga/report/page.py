"""A page under way: sections of cards, their charts, and the one file that they become."""

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import FfpgaError
from ..files import write_text, write_whole
from ..palette import style_sheet

HERE = Path(__file__).parent

Section = dict[str, Any]


@cache
def _script() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script.

    To make it takes longer than all the rest of a report, so it is kept in the user's cache folder, below its hash.
    """
    import vl_convert

    from ffpga_hw.flow.environment import usual_cache  # it needs no Amaranth

    folder = usual_cache()
    number = vl_convert.__version__  # type: ignore[attr-defined]
    kept = folder / "ffpga" / f"vega-{number}.js" if folder else None
    if kept:
        with suppress(OSError):
            seal, _, script = kept.read_bytes().partition(b"\n")
            if seal == _seal(script):
                return script.decode()
    # Its types do not know that the snippet may be left out.
    text = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    if kept:
        with suppress(OSError, FfpgaError):  # a folder that cannot be written
            write_whole(kept, _seal(text.encode()) + b"\n" + text.encode())
    return text


def _seal(script: bytes) -> bytes:
    """The first line of a script that is whole."""
    return b"// " + hashlib.sha256(script).hexdigest().encode()


def _command(text: str) -> Any:
    """A command whose options are never broken at their hyphens, however narrow the page is."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"(?<!\S)(--[\w-]+)", r'<span class="option">\1</span>', str(escape(text))))


class Page:
    """A page under way: sections of cards, and the charts in them.

    Parameters
    ----------
    title : str
    lines : sequence of str
        What stands below it.
    """

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        self.title, self.lines = title, lines
        self.facts: list[tuple[str, str]] = []
        self.sections: list[Section] = []
        self._specs: dict[str, Any] = {}

    def card(self, title: str, chart: dict[str, Any] | None, note: str = "", **more: Any) -> dict[str, Any]:
        """A card, with a chart in it."""
        name = None
        if chart is not None:
            name = f"chart{len(self._specs)}"
            self._specs[name] = chart
        return {"title": title, "chart": name, "note": note, **more}

    def section(self, title: str, note: str = "", **more: Any) -> None:
        """A section: of cards, tiles, a table, code."""
        self.sections.append({"title": title, "note": note, **more})

    def write(self, path: Path) -> None:
        """The page as one file."""
        from jinja2 import Environment, FileSystemLoader
        from markupsafe import Markup, escape

        environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
        environment.filters["code"] = lambda text: Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))
        environment.filters["command"] = _command
        template = environment.get_template("page.html.j2")
        text = template.render(
            title=self.title,
            lines=self.lines,
            facts=self.facts,
            sections=self.sections,
            style=Markup(style_sheet() + (HERE / "style.css").read_text(encoding="utf-8")),
            script=Markup(_script()),
            # In HTML a script ends at the first tag that says so, wherever it stands.
            specs=Markup(json.dumps(self._specs, separators=(",", ":")).replace("<", "\\u003c")),
        )
        write_text(path, text)
