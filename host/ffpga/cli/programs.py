"""The command `ffpga examples`: the programs to start from, listed and copied."""

import ast
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from ..errors import FfpgaError
from ..files import folder
from ..look.console import console, show
from .options.command import command

#: What is left behind where a folder is copied.
_MADE = shutil.ignore_patterns("__pycache__", "build")


def found() -> dict[str, Path]:
    """Every example by its name: a program in Python, a notebook, or a folder with a system around the core.

    A wheel has them in the package; in a working copy they lie beside it.
    """
    package = Path(__file__).parents[1]
    inside = package / "examples"
    places = [inside] if inside.is_dir() else [package.parent / "examples", package.parents[1] / "hw" / "examples"]
    paths = [path for place in places if place.is_dir() for path in sorted(place.iterdir())]
    files = [path for path in paths if path.suffix == ".py"]
    files += [path for folder in paths for path in sorted(folder.glob("*.ipynb"))]
    return {path.stem: path for path in files} | {path.name: path for path in paths if (path / "README.md").exists()}


def says(path: Path) -> str:
    """What an example is about: the first line of a program's docstring, of a notebook or of a folder's README.md."""
    if path.is_dir():
        return _first((path / "README.md").read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return _first("".join(json.loads(text)["cells"][0]["source"]))
    return _first(ast.get_docstring(ast.parse(text)) or "")


def _first(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


@command
def examples_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="examples to copy, or all; without any they are listed", metavar="[NAME...]"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder to copy them into; default: runs/examples"), folder()] = None,
) -> None:
    """List short programs to start from, or copy some of them."""
    there = found()
    if not names:
        show("examples", {name: says(path) for name, path in there.items()})
        return
    out = out or Path("runs/examples")
    chosen = list(there) if names == ["all"] else list(dict.fromkeys(names))
    for name in chosen:
        if name not in there:
            raise FfpgaError(f"there is no example {name}: ffpga examples lists them")
        if (out / there[name].name).exists():
            raise FfpgaError(f"{out / there[name].name} exists, and is not written over: give another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in chosen:
            if there[name].is_dir():
                shutil.copytree(there[name], out / there[name].name, ignore=_MADE)
            else:
                shutil.copyfile(there[name], out / there[name].name)
    except OSError as error:
        raise FfpgaError(f"cannot copy to {out} ({error.strerror}): give --out a folder that can be written") from None
    console.print("wrote " + ", ".join(str(out / there[name].name) for name in chosen), soft_wrap=True, markup=False)
