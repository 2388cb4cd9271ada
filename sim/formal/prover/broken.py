"""Deliberately broken components: what a proof must refuse."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any


@dataclass(frozen=True)
class Broken:
    """A class with one place of its source changed.

    Parameters
    ----------
    of : type
    old, new : str
        Source that is there once, and what stands there instead.
    names : dict
        What `new` may name beside what its module knows.
    """

    of: type
    old: str
    new: str
    names: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.of.__name__}: `{' '.join(self.old.split())}` -> `{' '.join(self.new.split())}`"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The class's methods are the changed ones for a while; its constructor, and so its ports, stay.

        Raises
        ------
        ValueError
            Where the source does not have `old` exactly once: a change of it must be followed here.
        """
        source = inspect.getsource(self.of)
        if source.count(self.old) != 1:
            raise ValueError(f"{self.of.__name__} must have {self.old!r} once, not {source.count(self.old)} times")
        # In the module's own names, so that whatever else is changed there is seen.
        names = vars(sys.modules[self.of.__module__])
        before = {name: names[name] for name in (self.of.__name__, *self.names) if name in names}
        names.update(self.names)
        exec(compile(source.replace(self.old, self.new), f"<broken {self.of.__name__}>", "exec"), names)
        changed = vars(names[self.of.__name__])
        names.update(before)
        for method in changed.values():  # their `super()` is that of the class whose they become
            if isinstance(method, FunctionType) and "__class__" in method.__code__.co_freevars:
                assert method.__closure__ is not None
                method.__closure__[method.__code__.co_freevars.index("__class__")].cell_contents = self.of
        methods = (FunctionType, property)
        kept = {name: one for name, one in vars(self.of).items() if isinstance(one, methods) and name != "__init__"}
        try:
            for name in kept:
                setattr(self.of, name, changed[name])
            yield
        finally:
            for name, value in kept.items():
                setattr(self.of, name, value)
            for name in self.names.keys() - before.keys():
                del names[name]
