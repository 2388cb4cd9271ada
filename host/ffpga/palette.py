"""The colours of every picture and page: a name for each meaning, on light and on dark paper.

The eight of `series` are for lines and bars that are told apart by more than their colour: by a marker, a dash or a
hatch, or by a name that stands beside them.
"""

#: On light paper. Positive and negative are the two phases' data, and weights above and below 0.
LIGHT = {
    "paper": "#ffffff",
    "card": "#f7f7f5",
    "text": "#1c1d1f",
    "muted": "#5d6166",
    "grid": "#dfdfdb",
    "line": "#d4d4cf",
    "positive": "#2b6ed8",
    "negative": "#de6c18",
    "warn": "#c2252c",
    "series1": "#2b6ed8",
    "series2": "#de6c18",
    "series3": "#198754",
    "series4": "#8f969e",
    "series5": "#8b47c9",
    "series6": "#b58900",
    "series7": "#0a8f9c",
    "series8": "#c2317f",
}
#: On dark paper.
DARK = {
    "paper": "#16181b",
    "card": "#1e2125",
    "text": "#e9eaec",
    "muted": "#a4aab1",
    "grid": "#33383e",
    "line": "#3a4047",
    "positive": "#5b9bff",
    "negative": "#ff9d4d",
    "warn": "#ff6b70",
    "series1": "#5b9bff",
    "series2": "#ff9d4d",
    "series3": "#4cc38a",
    "series4": "#868e96",
    "series5": "#b98aef",
    "series6": "#e0b93f",
    "series7": "#3cc4d3",
    "series8": "#f06fb0",
}
#: Series in the order in which they are taken.
SERIES = tuple(LIGHT[f"series{n}"] for n in range(1, 9))
#: What tells them apart without colours, in the same order: Matplotlib's markers, dashes and hatches.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 3)))
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo", "---", "+++")


def rgb(name: str) -> tuple[int, int, int]:
    """A colour of light paper as three bytes."""
    red, green, blue = bytes.fromhex(LIGHT[name].removeprefix("#"))
    return red, green, blue


def style_sheet(selector: str = ":root") -> str:
    """The colours as variables of a style sheet, `--positive` and so on, dark ones where the reader's screen is."""
    light, dark = (";".join(f"--{name}:{colour}" for name, colour in colours.items()) for colours in (LIGHT, DARK))
    return (
        f"{selector}{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{{dark}}}}}\n"
    )


def darkened() -> str:
    """A style sheet that gives a picture in light colours, SVG with inline styles, dark ones on a dark screen.

    Programs without style sheets still see the light ones.
    """
    rules = []
    for light, dark in {LIGHT[name]: DARK[name] for name in LIGHT}.items():
        for kind in ("fill", "stroke"):
            rules.append(f'[style*="{kind}: {light}"],[{kind}="{light}"]{{{kind}:{dark} !important}}')
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
