"""Mutants of Python: one operator, comparison, constant or bound of a syntax tree is changed."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "floor": "ceil", "rint": "floor"}
NAMES |= {"argmax": "argmin", "all": "any", "any": "all"}


@dataclass(frozen=True)
class PythonMutant:
    """One change of a file. `site` and `choice` say which, among all that could be made."""

    file: str  #: path, in its package: "network.py", "compiled/steps.py"
    line: int
    function: str  #: in which it is; "" where it is in none
    before: str
    after: str
    ordinal: int  #: among the same changes of the same function
    site: int
    choice: int

    @property
    def key(self) -> str:
        """Names it across edits elsewhere in the file."""
        return f"{self.file} {self.function or 'module'}: {self.before} -> {self.after} #{self.ordinal}"


def _sites(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Nodes that are code, and the function that each is in: no annotations, no documentation."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = f"{function}.{node.name}".lstrip(".")
        yield node, function
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, function)

    yield from walk(tree, "")


def _changes(node: ast.AST) -> list[tuple[str, str]]:
    """(what, to what) of each change that can be made to a node."""
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        operator = type(node.op)
        return [(operator.__name__, other.__name__) for other in OPERATORS.get(operator, ())]
    if isinstance(node, ast.Compare):
        return [(type(op).__name__, other.__name__) for op in node.ops[:1] for other in OPERATORS[type(op)]] + [
            (f"second {type(op).__name__}", other.__name__) for op in node.ops[1:2] for other in OPERATORS[type(op)]
        ]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        return [(type(node.op).__name__, "nothing")]
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        if isinstance(node.value, float) and node.value:
            return [(repr(node.value), repr(node.value * 2)), (repr(node.value), repr(node.value / 2))]
        return [(repr(node.value), repr(node.value + 1)), (repr(node.value), repr(node.value - 1))]  # 0.0 too
    if isinstance(node, ast.Name) and node.id in NAMES:
        return [(node.id, NAMES[node.id])]
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        return [(node.attr, NAMES[node.attr])]
    return []


def _change(node: ast.AST, choice: int) -> None:
    """Makes a change in place."""
    before, after = _changes(node)[choice]
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        node.op = getattr(ast, after)()
    elif isinstance(node, ast.Compare):
        node.ops[before.startswith("second ")] = getattr(ast, after)()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        if isinstance(node.op, ast.Not):  # not not x
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant):
        node.value = type(node.value)(ast.literal_eval(after))  # type: ignore[call-arg,arg-type]
    elif isinstance(node, ast.Name):
        node.id = after
    elif isinstance(node, ast.Attribute):
        node.attr = after


def mutants_of(path: Path, folder: Path) -> list[PythonMutant]:
    """All that can be made of a file of a package's folder, in its order."""
    found: list[PythonMutant] = []
    seen: dict[tuple[str, str, str], int] = {}
    for site, (node, function) in enumerate(_sites(ast.parse(path.read_text()))):
        for choice, (before, after) in enumerate(_changes(node)):
            ordinal = seen[function, before, after] = seen.get((function, before, after), 0) + 1
            line = node.lineno  # type: ignore[attr-defined]
            file = path.relative_to(folder).as_posix()
            found.append(PythonMutant(file, line, function, before, after, ordinal, site, choice))
    return found


def draw(folder: Path, count: int, seed: int) -> list[PythonMutant]:
    """Some mutants of the files below a folder, one at most of a site, in the order of files and lines."""
    sites: dict[tuple[str, int], list[PythonMutant]] = {}
    for path in sorted(folder.rglob("*.py")):
        for mutant in mutants_of(path, folder):
            sites.setdefault((mutant.file, mutant.site), []).append(mutant)
    random = Random(seed)
    chosen = random.sample(sorted(sites), min(count, len(sites)))
    return [random.choice(sites[site]) for site in sorted(chosen)]


def mutated(path: Path, mutant: PythonMutant) -> ast.Module:
    """The syntax tree of a file with the mutant in it."""
    tree = copy.deepcopy(ast.parse(path.read_text()))
    for site, (node, _) in enumerate(_sites(tree)):
        if site == mutant.site:
            _change(node, mutant.choice)
            break
    return ast.fix_missing_locations(tree)
