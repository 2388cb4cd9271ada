"""Values of signals as WaveDrom's source, and that as SVG: on light paper, or on dark where the reader's screen is."""

import json
import xml.etree.ElementTree as xml
from collections.abc import Sequence
from typing import Any

from ...palette import DARK, LIGHT

Lane = dict[str, Any]

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

#: WaveDrom's blue of names and arrows, as it writes it into each of them.
BLUE = "0041c4"
#: Colours of WaveDrom's own classes in the dark; its inline ones give way only to `!important`.
STYLE = f"""
.paper{{fill:{LIGHT["paper"]}}}text{{font:11px Helvetica,Arial,sans-serif}}
@media (prefers-color-scheme: dark){{
.paper,.s5{{fill:{DARK["paper"]}}}
text{{fill:{DARK["text"]}}}.info{{fill:{DARK["series1"]}}}.muted{{fill:{DARK["muted"]}}}
.s1,.s2,.s3,.s4{{stroke:{DARK["text"]}}}.s6{{fill:{DARK["text"]}}}
.s7,.s8,.s9,.s10,.s11,.s12,.s13,.s14{{fill:{DARK["grid"]}}}
rect[style*="fill:#FFF"]{{fill:{DARK["paper"]}!important}}
path[style*="stroke:#{BLUE}"]{{stroke:{DARK["series1"]}!important}}
marker[style="fill:#{BLUE}"]{{fill:{DARK["series1"]}!important}}
}}
"""


def bit(name: str, values: Sequence[Any]) -> Lane:
    """A signal of one bit."""
    wave, last = "", None
    for value in values:
        wave += "." if value == last else str(int(value))
        last = value
    return {"name": name, "wave": wave}


def bus(name: str, values: Sequence[Any], valid: Sequence[Any] | None = None, shade: str = "=") -> Lane:
    """A signal of values; where it is not valid, it is of no account.

    Equal values one after the other are one, but for those of a signal with `valid`, which has one in each clock.
    """
    wave, data, last = "", [], object()
    for at, value in enumerate(values):
        if valid is not None and not valid[at]:
            wave += "." if last is None else "x"
            last = None
        elif value == last and valid is None:
            wave += "."
        else:
            wave += shade
            data.append(str(value))
            last = value
    return {"name": name, "wave": wave, "data": data}


def later(values: Sequence[Any], clocks: int) -> list[Any]:
    """The same, so many clocks later."""
    return [0] * clocks + list(values)[: len(values) - clocks]


def mark(lane: Lane, column: int, name: str) -> None:
    """A place in a lane that an arrow begins or ends at; capital letters are not shown."""
    marks = list(lane.get("node", "." * len(lane["wave"])))
    marks[column] = name
    lane["node"] = "".join(marks)


def source(title: str, lanes: list[Any], foot: str, edges: Sequence[str] = (), scale: float = 1) -> str:
    """WaveDrom's source, JSON."""
    whole: dict[str, Any] = {"head": {"text": title}, "signal": lanes, "foot": {"text": foot}}
    if edges:
        whole["edge"] = list(edges)
    whole["config"] = {"hscale": scale}
    return json.dumps(whole, indent=1) + "\n"


def render(text: str) -> str:
    """A source as SVG, without those of WaveDrom's shapes that it has no use for."""
    import wavedrom

    xml.register_namespace("", SVG)
    xml.register_namespace("xlink", LINK)
    drawn = xml.fromstring(wavedrom.render(text).tostring())
    used = {part.get(f"{{{LINK}}}href", "")[1:] for part in drawn.iter(f"{{{SVG}}}use")}
    for shapes in drawn.iter(f"{{{SVG}}}defs"):
        for shape in [one for one in shapes if one.tag == f"{{{SVG}}}g" and one.get("id") not in used]:
            shapes.remove(shape)
    style = next(drawn.iter(f"{{{SVG}}}style"))
    style.text = (style.text or "") + STYLE
    drawn.insert(1, xml.Element(f"{{{SVG}}}rect", {"class": "paper", "width": "100%", "height": "100%"}))
    xml.indent(drawn, "")
    return xml.tostring(drawn, encoding="unicode") + "\n"
