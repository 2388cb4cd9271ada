"""What a proof is about: a component, any inputs, what is given of them, and what is claimed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from amaranth.hdl import Assert, Assume, Cat, ClockDomain, DomainRenamer, Instance, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

#: Name of the one register that has a first value; all others begin with any.
BEGUN = "formal_begun"

#: Names of the ports between which there must be no logic.
CAUSE, EFFECT = "formal_cause", "formal_effect"


class Bench:
    """A module under proof: anything at all in its registers, one clock of reset, then any inputs.

    Claims and assumptions hold from the clock after the reset on. `m` is the bench's module; signals of its `sync`
    domain are reset like the component's.

    Parameters
    ----------
    witness : bool
        Instead of all claims, claim that the witnesses cannot all happen; so a trace that refutes it shows that they
        can, and that the assumptions leave something to prove.
    """

    def __init__(self, *, witness: bool = False) -> None:
        self.m = m = Module()
        domain = ClockDomain("sync")
        m.domains += domain
        #: Ports of the module: the clock, the ends of `apart`.
        self.ports = [domain.clk]
        self._witness = witness
        #: 0 in the first clock, that of the reset.
        self.begun = Signal(name=BEGUN, reset_less=True)
        m.d.sync += self.begun.eq(1)
        m.d.comb += domain.rst.eq(~self.begun)
        self._unknowns = 0
        self._seen: list[Signal] = []

    def _unknown(self, kind: str, shape: Any, name: str) -> Signal:
        value = Signal(shape, name=name)
        self._unknowns += 1
        self.m.submodules[f"unknown{self._unknowns}_{name}"] = Instance(kind, p_WIDTH=len(value), o_Y=value)
        return value

    def free(self, shape: Any = 1, name: str = "free") -> Signal:
        """Any value, another one in every clock."""
        return self._unknown("$anyseq", shape, name)

    def fixed(self, shape: Any = 1, name: str = "fixed") -> Signal:
        """Any value, the same in every clock."""
        return self._unknown("$anyconst", shape, name)

    def held(self, shape: Any, while_: Any, name: str) -> Signal:
        """Any value that stays as it is while a condition holds."""
        value, kept, new = Signal(shape, name=name), Signal(shape, name=f"{name}_kept"), self.free(shape, f"{name}_new")
        self.m.d.comb += value.eq(Mux(while_, kept, new))
        self.m.d.sync += kept.eq(value)
        return value

    def inside(self, component: wiring.Component, platform: object = None) -> SimpleNamespace:
        """The names that a component's methods give while it is elaborated, for claims about what is inside.

        Call it before `drive`.
        """
        found: dict[str, Any] = {}
        methods = {one.__code__ for one in vars(type(component)).values() if isinstance(one, FunctionType)}

        def watch(frame: FrameType, event: str, _: Any) -> None:
            if event == "return" and frame.f_code in methods:
                found.update(frame.f_locals)

        sys.setprofile(watch)
        try:
            module = component.elaborate(platform)
        finally:
            sys.setprofile(None)
        component.elaborate = lambda platform: module  # its signals are those that were found
        return SimpleNamespace(**found)

    def drive(self, component: wiring.Component, name: str = "dut", domain: str = "sync", **given: Any) -> None:
        """Adds a component; its inputs are what is given, or else free. A stream's are named like `i_valid`.

        What it calls `sync` is `domain`.
        """
        self.m.submodules[name] = component if domain == "sync" else DomainRenamer(domain)(component)
        for path, member, port in component.signature.flatten(component):
            if member.flow == In:
                key = "_".join(map(str, path))
                value = Value.cast(port)
                source = given.pop(key) if key in given else self.free(len(value), f"{name}_{key}")
                self.m.d.comb += value.eq(source)
        if given:
            raise ValueError(f"{name} has no inputs {', '.join(given)}")

    def claim(self, condition: Any) -> None:
        """What is to be proved, in every clock."""
        if not self._witness:
            with self.m.If(self.begun):
                self.m.d.comb += Assert(Value.cast(condition).any())

    def given(self, condition: Any) -> None:
        """What is assumed, in every clock."""
        with self.m.If(self.begun):
            self.m.d.comb += Assume(Value.cast(condition).any())

    def witness(self, condition: Any) -> None:
        """What can happen: there is a trace in which all witnesses have."""
        seen = Signal(name=f"seen{len(self._seen)}")
        now = Signal(name=f"witness{len(self._seen)}")
        self.m.d.comb += now.eq(self.begun & Value.cast(condition).any())
        self.m.d.sync += seen.eq(seen | now)
        self._seen.append(seen | now)

    def apart(self, cause: Signal, effect: Any) -> None:
        """For a proof by structure: no logic leads from `cause`, which nothing drives, to `effect` within a clock."""
        cause.name = CAUSE
        effect = Value.cast(effect)
        end = Signal(len(effect), name=EFFECT)
        self.m.d.comb += end.eq(effect)
        self.ports += [cause, end]

    def before(self, value: Any, clocks: int = 1) -> Value:
        """A value some clocks ago; 0 where that was before the reset."""
        value = Value.cast(value)
        for _ in range(clocks):
            earlier = Signal(value.shape(), name="earlier")
            self.m.d.sync += earlier.eq(value)
            value = earlier
        return value

    def age(self, most: int) -> Signal:
        """Clocks since the reset, at most `most`."""
        age = Signal(range(most + 1), name="age")
        self.m.d.sync += age.eq(Mux(age == most, most, age + 1))
        return age

    def finish(self) -> Module:
        """The module to prove."""
        if self._witness:
            if not self._seen:
                raise ValueError("a bench must have a witness")
            with self.m.If(self.begun):
                self.m.d.comb += Assert(~Cat(self._seen).all())
        return self.m


def unknown(m: Module, bits: int) -> Signal:
    """Any value, another one in every clock, inside a component."""
    value = Signal(bits)
    m.submodules += Instance("$anyseq", p_WIDTH=bits, o_Y=value)
    return value


class Anything(wiring.Component):
    """A component's ports and nothing behind them: its outputs are any values."""

    def __init__(self, like: wiring.Component) -> None:
        like._MustUse__used = True  # it only has the ports
        super().__init__(like.signature)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for path, member, port in self.signature.flatten(self):
            if member.flow == Out:
                value = Value.cast(port)
                m.submodules["_".join(map(str, path))] = Instance("$anyseq", p_WIDTH=len(value), o_Y=value)
        return m


@contextmanager
def anything(module: ModuleType, *names: str) -> Iterator[None]:
    """Some classes of a module become `Anything` for a while."""
    kept = {name: getattr(module, name) for name in names}
    try:
        for name, one in kept.items():
            setattr(module, name, lambda one=one, **arguments: Anything(one(**arguments)))
        yield
    finally:
        for name, one in kept.items():
            setattr(module, name, one)


def one_hot(bits: Value) -> Value:
    """Exactly one bit is set."""
    return (bits != 0) & ((bits & (bits - 1)) == 0)
