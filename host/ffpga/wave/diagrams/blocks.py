"""The core's block diagram: each block is a file of the same name below `hw/ffpga_hw`."""

from dataclasses import dataclass

from ...palette import DARK, LIGHT

WIDTH, HEIGHT = 1000, 505


def _style(colours: dict[str, str]) -> str:
    """The rules that name colours."""
    return (
        f".paper{{fill:{colours['paper']}}}.frame{{fill:{colours['card']};stroke:{colours['series4']}}}"
        f".block{{fill:{colours['paper']};stroke:{colours['series1']}}}"
        f".memory{{fill:{colours['paper']};stroke:{colours['series6']}}}"
        f"text,.head{{fill:{colours['text']}}}.small{{fill:{colours['muted']}}}.wire{{stroke:{colours['text']}}}"
    )


#: Light, and where the reader's screen is dark. What is mostly memory has a thick edge, too.
STYLE = f"""
text{{font:14px Helvetica,Arial,sans-serif;text-anchor:middle}}
.small{{font-size:11px}}.frame-name,.key{{text-anchor:start}}.frame-name{{font-weight:bold}}
.block{{stroke-width:1.2}}.memory{{stroke-width:4}}.wire{{fill:none;stroke-width:1.4;marker-end:url(#head)}}
{_style(LIGHT)}
@media (prefers-color-scheme: dark){{{_style(DARK)}}}
"""


@dataclass(frozen=True)
class Block:
    """A block: its file, what it does in a few words, its corner, and whether it is mostly memory."""

    file: str
    does: str
    x: int
    y: int
    memory: bool = False
    width: int = 130
    height: int = 50

    @property
    def name(self) -> str:
        return self.file.rpartition("/")[2].removesuffix(".py").replace("_", " ")


BLOCKS = (
    Block("link/receiver.py", "COBS, CRC", 40, 60),
    Block("link/intake.py", "sequence numbers", 200, 60),
    Block("link/executor.py", "commands", 360, 60),
    Block("link/sender.py", "answers", 520, 60),
    Block("link/samples.py", "gaps to rows", 200, 135),
    Block("engine/host/registers.py", "and counters", 840, 240),
    Block("engine/control/sequencer.py", "layers, phases", 360, 240),
    Block("engine/vectors/goodness.py", "compares G, makes c", 680, 240),
    Block("engine/control/walker.py", "groups, words", 40, 330),
    Block("engine/control/fetch.py", "lists: row, x", 200, 330, memory=True),
    Block("engine/lanes/weight_memory.py", "words of W", 360, 330, memory=True),
    Block("engine/lanes/lane.py", "x lanes: sum of x W", 520, 330),
    Block("engine/vectors/scorer.py", "y, sums of squares", 680, 330),
    Block("engine/vectors/vector.py", "errors g, next x", 840, 330),
    Block("engine/lanes/dither.py", "xorshift", 520, 420),
)

#: Points of each wire, and its name with the place of that.
WIRES: tuple[tuple[str, str, tuple[int, int]], ...] = (
    ("0,85 40,85", "bytes", (18, 78)),
    ("170,85 200,85", "", (0, 0)),
    ("330,85 360,85", "", (0, 0)),
    ("490,85 520,85", "", (0, 0)),
    ("585,60 585,20 998,20", "bytes", (975, 14)),
    ("265,110 265,135", "", (0, 0)),
    ("265,185 265,330", "sample", (240, 210)),
    ("425,110 425,240", "command", (455, 210)),
    ("470,110 470,150 905,150 905,240", "", (0, 0)),
    ("360,265 105,265 105,330", "walk", (180, 260)),
    ("490,258 680,258", "select, decide", (585, 252)),
    ("680,276 490,276", "label, c", (585, 291)),
    ("170,355 200,355", "", (0, 0)),
    ("330,355 360,355", "", (0, 0)),
    ("490,345 520,345", "", (0, 0)),
    ("520,368 490,368", "", (0, 0)),
    ("650,355 680,355", "z", (665, 350)),
    ("810,355 840,355", "y", (825, 350)),
    ("730,330 730,290", "G", (718, 315)),
    ("780,290 780,310 905,310 905,330", "c", (845, 305)),
    ("880,380 880,405 610,405 610,380", "local errors g", (745, 400)),
    ("930,380 930,482 265,482 265,380", "inputs of the next layer", (790, 476)),
    ("585,420 585,380", "", (0, 0)),
)
#: What the edges of blocks mean: class, corner, words.
KEYS = (("block", 690, 60, "logic"), ("memory", 690, 90, "mostly memory"))
FRAMES = ((20, 32, 640, 168, "link"), (20, 220, 965, 275, "engine"))


def draw() -> str:
    """The diagram as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
        '<path class="head" d="M0,0 9,4 0,8z"/></marker></defs>',
        '<rect class="paper" width="100%" height="100%"/>',
    ]
    for x, y, width, height, name in FRAMES:
        lines.append(f'<rect class="frame" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>')
        lines.append(f'<text class="frame-name" x="{x + 10}" y="{y + 18}">{name}</text>')
    for points, name, (x, y) in WIRES:
        lines.append(f'<polyline class="wire" points="{points}"/>')
        if name:
            lines.append(f'<text class="small" x="{x}" y="{y}">{name}</text>')
    for block in BLOCKS:
        kind = "memory" if block.memory else "block"
        middle = block.x + block.width // 2
        lines += [
            f'<rect class="{kind}" x="{block.x}" y="{block.y}" width="{block.width}" height="{block.height}" rx="4"/>',
            f'<text x="{middle}" y="{block.y + 22}">{block.name}</text>',
            f'<text class="small" x="{middle}" y="{block.y + 39}">{block.does}</text>',
        ]
    for kind, x, y, said in KEYS:
        lines += [
            f'<rect class="{kind}" x="{x}" y="{y}" width="26" height="16" rx="3"/>',
            f'<text class="small key" x="{x + 36}" y="{y + 12}">{said}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
