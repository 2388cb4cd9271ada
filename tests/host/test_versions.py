"""Versions of what is needed: each lower bound is what `make test LOWEST=1` runs with, and both locks fit."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

#: Extras that `make lock` leaves out of lowest.txt: what a benchmark or a long run installs by itself.
APART = ("peers", "fuzz")


def needed() -> dict[str, Requirement]:
    """What the project, its extras and its build name themselves, by name; of two the one with the higher bound."""
    project = PROJECT["project"]
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name not in APART}
    lines = [*PROJECT["build-system"]["requires"], *project["dependencies"], *chain(*extras.values())]
    found = [one for one in map(Requirement, lines) if one.name != project["name"]]
    return {one.name: one for one in sorted(found, key=bound)}


def bound(one: Requirement) -> Version:
    """The lower bound of a requirement, which has one, or one version."""
    (only,) = one.specifier
    assert only.operator in (">=", "=="), one
    return Version(only.version)


def locked(name: str) -> dict[str, list[Version]]:
    """Versions in a lock, by name: where Python's version or the system decides, several."""
    versions: dict[str, list[Version]] = {}
    for line in (ROOT / "tests" / name).read_text().splitlines():
        package, version = re.fullmatch(r"(\S+)==(\S+)(?: ; .*)?", line).groups()
        versions.setdefault(canonicalize_name(package), []).append(Version(version))
    return versions


@pytest.mark.parametrize("one", needed().values(), ids=str)
def test_a_lower_bound_is_what_was_tested(one):
    """To the parts of a version that the bound has; the rest are noughts. `make lock` writes both locks."""
    (lowest,) = locked("lowest.txt")[canonicalize_name(one.name)]
    assert one.specifier.contains(lowest)
    assert Version(lowest.base_version) == Version(bound(one).base_version), f"let the bound of {one.name} be {lowest}"


@pytest.mark.parametrize("one", [one for one in needed().values() if one.name != "pyftdi"], ids=str)
def test_the_newest_versions_are_allowed(one):
    """Those of what the tests need: pyftdi has a stand-in there."""
    assert all(one.specifier.contains(version) for version in locked("requirements.txt")[canonicalize_name(one.name)])
