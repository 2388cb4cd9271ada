"""Who may import whom: packages, rooms and their order, and what finds an arrow that points up.

A room is a folder of a package, or a file that lies beside its folders.
"""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Where each package lies.
FOLDERS = {
    "ffpga_golden": "golden",
    "ffpga_hw": "hw",
    "ffpga_sim": "sim",
    "ffpga": "host",
    "testbenches": "sim",
    "formal": "sim",
}

#: What a package may import of the others.
PACKAGES: dict[str, set[str]] = {
    "ffpga_golden": set(),
    "ffpga_hw": {"ffpga_golden"},
    "ffpga_sim": {"ffpga_golden"},
    "ffpga": {"ffpga_golden"},
    "testbenches": {"ffpga_golden", "ffpga_hw", "ffpga_sim", "ffpga"},
    "formal": {"ffpga_golden", "ffpga_hw", "ffpga_sim", "ffpga", "testbenches"},
}

#: What it may import only inside a function: who does not call that needs neither Amaranth nor a simulator.
INSIDE: dict[str, set[str]] = {
    "ffpga_sim": {"ffpga_hw"},
    "ffpga": {"ffpga_hw", "ffpga_sim"},
}

#: The rooms of a package, the lowest floor first. A room imports lower floors, never its own: not inside functions
#: either, which would only hide the arrow.
FLOORS: dict[str, list[list[str]]] = {
    "ffpga": [
        ["errors"],
        ["files", "markdown", "palette", "doctor", "fields", "coding", "series"],
        ["picture"],
        ["driver", "data", "transformers"],
        ["contact", "training"],
        ["record"],
        ["look", "report", "wave", "estimators"],
        ["bench", "sweep"],
        ["cli"],
    ],
    "ffpga_hw": [
        ["machine", "delay"],
        ["engine"],
        ["link"],
        ["bus"],
        ["core", "bus_core"],
        ["families"],
        ["boards"],
        ["package"],
        ["flow"],
    ],
}

#: Modules of a folder, at most.
MOST = 14

#: Modules that may have the name of their folder: the block that the room is, made of what is beside it.
NAMESAKES = {"ffpga_hw.engine.engine", "ffpga_hw.link.link", "ffpga_hw.bus.bus"}


@dataclass(frozen=True)
class Arrow:
    """A module imports another one."""

    source: str
    target: str
    inside: bool = False  #: only inside a function

    def __str__(self) -> str:
        return f"{self.source} imports {self.target}{' inside a function' if self.inside else ''}"


def modules(root: Path = ROOT) -> dict[str, str]:
    """The text of every module, by its name; a package's `__init__` has the name of the package."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((root / folder / package).rglob("*.py")):
            parts = path.relative_to(root / folder).with_suffix("").parts
            found[".".join(parts)] = path.read_text()
    return found


def arrows(texts: Mapping[str, str]) -> list[Arrow]:
    """What imports what, of the modules whose texts these are."""
    return [arrow for name, text in texts.items() for arrow in _imports(name, ast.parse(text), texts)]


def _imports(name: str, tree: ast.Module, known: Collection[str]) -> Iterable[Arrow]:
    for node, inside in _statements(tree.body, inside=False):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = [*name.split(".")[: -node.level]] if node.level else []
            start += node.module.split(".") if node.module else []
            targets = [".".join([*start, alias.name]) for alias in node.names]
        else:
            continue
        for target in dict.fromkeys(_module(target, known) for target in targets):
            if target is not None:
                yield Arrow(name, target, inside)


def _statements(body: Iterable[ast.AST], inside: bool) -> Iterable[tuple[ast.AST, bool]]:
    """Statements and those within them, and whether a function is around them. Expressions, which are most of a tree,
    hold none.
    """
    for node in body:
        yield node, inside
        within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            yield from _statements(getattr(node, field, ()), within)


def _module(target: str, known: Collection[str]) -> str | None:
    """The module that an import names, or names something in; None where it is not of the project."""
    for name in (target, target.rpartition(".")[0]):
        for module in (name, f"{name}.__init__"):
            if module in known:
                return module
    return None


def package_of(module: str) -> str:
    """The package that a module is in."""
    return module.partition(".")[0]


def room_of(module: str) -> str | None:
    """The room that a module is in; None for the package's own `__init__` and `__main__`, which are above all."""
    room = module.split(".")[1]
    return None if room.startswith("__") else room


def without_floor(names: Iterable[str]) -> list[str]:
    """Rooms that are on no floor of their package."""
    rooms = {(package_of(name), room_of(name)) for name in names if package_of(name) in FLOORS and room_of(name)}
    return sorted(f"{package}.{room}" for package, room in rooms if not any(room in one for one in FLOORS[package]))


def between_packages(found: Iterable[Arrow]) -> list[str]:
    """Arrows from package to package that the order does not have."""
    wrong = []
    for arrow in found:
        source, target = package_of(arrow.source), package_of(arrow.target)
        allowed = PACKAGES[source] | (INSIDE.get(source, set()) if arrow.inside else set())
        if source != target and target not in allowed:
            where = " outside of a function" if target in INSIDE.get(source, ()) else ""
            wrong.append(f"{arrow}: {source} must not import {target}{where}")
    return wrong


def between_rooms(found: Iterable[Arrow]) -> list[str]:
    """Arrows from room to room, of a package that has floors, that do not point down."""
    wrong = []
    for arrow in found:
        package = package_of(arrow.source)
        source, target = room_of(arrow.source), room_of(arrow.target)
        if package not in FLOORS or package != package_of(arrow.target) or source in (None, target):
            continue
        floor = {room: height for height, rooms in enumerate(FLOORS[package], 1) for room in rooms}
        if target is None or floor.get(target, 0) >= floor.get(source, 0):
            wrong.append(f"{arrow}: {target or package} is not below {source}")
    return wrong


def circles(found: Iterable[Arrow], folders: bool = False) -> list[str]:
    """A circle of imports between modules, or between folders, where there is one."""
    graph: dict[str, set[str]] = {}
    for arrow in found:
        source, target = (_folder(one) if folders else one for one in (arrow.source, arrow.target))
        if source != target:
            graph.setdefault(source, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" <- ".join(error.args[1])]
    return []


def _folder(module: str) -> str:
    """The folder of a module; a file that lies beside a package's folders is one by itself."""
    return module.rpartition(".")[0] if module.count(".") > 1 else module


def crowded(names: Iterable[str]) -> list[str]:
    """Folders of too many modules."""
    held: dict[str, int] = {}
    for name in names:
        folder, _, module = name.rpartition(".")
        held[folder] = held.get(folder, 0) + (not module.startswith("__"))
    return [f"{folder} has {n} modules" for folder, n in held.items() if n > MOST]


def namesakes(names: Iterable[str]) -> list[str]:
    """Modules that say the name of their folder again, alone or as a word of theirs."""
    wrong = []
    for name in names:
        *_, folder, module = name.split(".")
        if folder in module.split("_") and name not in NAMESAKES:
            wrong.append(f"{name} is named after its folder")
    return wrong
