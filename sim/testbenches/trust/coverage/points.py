"""Functional coverage of the whole-chip conversations: which of the things that can happen did happen."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ffpga.markdown import table
from ffpga_golden import GoldenDevice, NegativePolicy, NetworkConfig, Objective, Polarity
from ffpga_golden.config import ACTIVITY_MAX, INPUT_MAX
from ffpga_golden.layers import Inputs, Layers, Parts
from ffpga_golden.network import Network, Step
from ffpga_golden.protocol import BITS, Opcode, Status
from ffpga_golden.recurrent import RecurrentNetwork
from ffpga_golden.timing import tile_walk
from ffpga_golden.wrong_labels import WrongLabels
from testbenches.configurations import CONFIGURATIONS, Case
from testbenches.conversations.conversation import exchanges
from testbenches.conversations.sessions import talks
from testbenches.trust.mutants.score import CASES

from .states import unreachable

Seen = Counter[str]


class _Layers(Layers):
    """Layers that say what happens to the numbers."""

    seen: Seen

    def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
        self.seen[f"layer {layer}: no inputs"] += len(inputs) == 0
        self.seen[f"layer {layer}: every input"] += len(inputs) == self.config.inputs(layer)
        fields = self.config.fields_of(layer)
        if fields and inputs.starts is not None:
            counts = np.diff(inputs.starts)[fields.tiles]
            self.seen.update(f"layer {layer}: {what}" for what, where in among(counts).items() if where)
        return super().preactivation(layer, inputs)

    def activity(self, layer: int, z: np.ndarray) -> tuple[np.ndarray, int]:
        y, total = super().activity(layer, z)
        self._activities(layer, y)
        return y, total

    def score(self, z: np.ndarray, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
        y, totals = super().score(z, labels)
        for one in y:
            self._activities(0, one)
        return y, totals

    def _activities(self, layer: int, y: np.ndarray) -> None:
        self.seen[f"layer {layer}: all activities 0"] += not y.any()
        self.seen[f"layer {layer}: an activity saturates"] += bool((y == ACTIVITY_MAX).any())

    def update(self, layer: int, inputs: Inputs, parts: Parts, u: int, plain: bool) -> None:
        self.seen["rounding: plain" if plain else "rounding: dither"] += 1
        self.seen[f"learning rate: {u}"] += 1
        if self.config.blocks(layer) > 1:
            self.seen[
                f"layer {layer}: {'plain rounding' if plain else 'a dither that goes on'} in its second block"
            ] += 1
        super().update(layer, inputs, parts, u, plain)

    def saturated(self, layer: int, w: np.ndarray) -> np.ndarray:
        limit = self.config.weight_max
        self.seen[f"layer {layer}: a weight saturates upwards"] += bool((w > limit).any())
        self.seen[f"layer {layer}: a weight saturates downwards"] += bool((w < -limit).any())
        return super().saturated(layer, w)


class _WrongLabels(WrongLabels):
    """What chooses wrong labels, and says how many contend."""

    seen: Seen

    def _contending(self, label: int) -> tuple[list[int], list[int]]:
        labels, out = super()._contending(label)
        if "contenders" in self._registers:
            self.seen[f"contenders: {contenders(len(labels), self._classes)}, {self.policy.name}"] += 1
        return labels, out


class _Network(Network):
    """A network that says what it decides."""

    wrong_labels = _WrongLabels
    seen: Seen

    def _probability(self, layer: int, margin: int) -> int:
        c = super()._probability(layer, margin)
        self.seen[f"layer {layer}: c is {c}" if c in (0, 255) else f"layer {layer}: c is between"] += 1
        return c

    def _setting(self) -> str:
        kinds = (Objective, Polarity, NegativePolicy) if self.config.classes else (Objective, Polarity)
        names = [name for name in ("objective", "polarity", "negative_policy")][: len(kinds)]
        return ", ".join(kind(self.registers[name]).name for kind, name in zip(kinds, names, strict=True))

    def train_pair(self, *arguments: Any) -> Step:
        self.seen[f"pair: {self._setting()}"] += 1
        return super().train_pair(*arguments)

    def train_phase(self, x: np.ndarray, label: int, negative: bool) -> Step:
        self.seen["phase: negative" if negative else "phase: positive"] += 1
        return super().train_phase(x, label, negative)

    def infer(self, x: np.ndarray) -> tuple[int, int]:
        labels, shortlist = self.config.classes, self.registers["shortlist"]
        if labels:
            self.seen[f"inference: {'one label' if shortlist <= 1 else 'some' if shortlist < labels else 'all'}"] += 1
        return super().infer(x)


class _RecurrentNetwork(_Network, RecurrentNetwork):
    """A recurrent one, which also says how long it looks."""

    @property
    def _time_steps(self) -> int:
        steps = super()._time_steps
        self.seen[f"time steps: {'one' if steps == 1 else 'several'}"] += 1
        return steps


class CoverageDevice(GoldenDevice):
    """A golden device that counts in `seen` what happens to it."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.seen: Seen = Counter()
        network = _RecurrentNetwork(config, _Layers) if config.recurrent else _Network(config, _Layers)
        self.network = network
        network.seen = network.layers.seen = network._wrong.seen = self.seen  # type: ignore[attr-defined]
        network._clock._tile_walk = self._tile_walk

    def _tile_walk(
        self, counts: np.ndarray, repeat: int, interval: int, enter: int, *rest: int
    ) -> tuple[int, int, int]:
        """`tile_walk`, which says so where a walk waits for another tile than its first one."""
        found = tile_walk(counts, repeat, interval, enter, *rest)
        stops = counts[0] > 0
        looked = 1 + (int(stops.argmax()) if stops.any() else counts.shape[1] - 1)
        begun = interval - (-(enter + looked) // interval) * interval
        self.seen["a walk waits for a tile between others"] += bool(found[2] > begun)
        return found

    def execute(self, opcode: int, payload: bytes) -> tuple[Status, bytes]:
        status, answer = super().execute(opcode, payload)
        if status == Status.OK:
            self.seen[f"command: {Opcode(opcode).name}"] += 1
        if opcode == Opcode.LOAD_BITS and self.config.few_bits and payload:
            self.seen[f"few bits: {payload[0] >> 4}, {status.name}"] += 1
        self.seen[f"answer: {status.name}"] += 1
        return status, answer

    def _refuse(self, status: Status) -> None:
        self.seen[f"answer: {status.name}"] += 1
        super()._refuse(status)

    def _receive(self, frame: bytes) -> None:
        before = self._answered()
        super()._receive(frame)
        self.seen["frame: answered again, not executed again"] += self._answered() == before

    def _answered(self) -> int:
        return sum(count for name, count in self.seen.items() if name.startswith("answer: "))


def contenders(labels: int, classes: int) -> str:
    """How many wrong labels contend where so many labels are scored."""
    return "all" if labels == classes else "one" if labels == 2 else "some"


def among(counts: np.ndarray) -> dict[str, bool]:
    """What there is among the tiles of a layer's fields, and whether it is there.

    Parameters
    ----------
    counts : int[blocks, tiles of a block]
        Inputs that are not 0.
    """
    none, size = counts == 0, counts.shape[1]
    found = {
        "a tile without inputs": bool(none.any()),
        "a field without inputs": bool(none.all(axis=1).any()),
    }
    if size > 1:
        found["a field's last tile alone without inputs"] = bool((none[:, -1] & ~none[:, :-1].any(axis=1)).any())
        found["a single input, and only tiles without behind"] = bool(
            ((counts[:, 0] == 1) & none[:, 1:].all(axis=1)).any()
        )
    return found


def _saturates(config: NetworkConfig, layer: int) -> bool:
    """Whether a layer's pre-activation can be large enough for an activity to saturate."""
    sums = INPUT_MAX * (config.inputs(layer) + 1 + (layer == 0 and config.classes > 0))
    if layer and not config.black_box:  # the root mean square is 32, give or take the precision of the normaliser
        sums = 33 * config.inputs(layer) + INPUT_MAX
    return sums * config.weight_max >> config.activity_shift[layer] > ACTIVITY_MAX


def points(config: NetworkConfig) -> list[str]:
    """Everything that can happen to a device of a configuration."""
    named = [f"command: {opcode.name}" for opcode in Opcode]
    if config.classes:
        named.remove("command: ACTIVITIES")
    if not config.black_box:
        named = [name for name in named if not name.endswith("_TABLE")]
    if config.few_bits:
        named += [f"few bits: {bits}, {status}" for bits in BITS for status in ("OK", "BAD_VALUE")]
    else:
        named.remove("command: LOAD_BITS")
    named += [f"answer: {status.name}" for status in Status]
    named.append("frame: answered again, not executed again")
    policies = [f", {policy.name}" for policy in NegativePolicy] if config.classes else [""]
    named += [f"pair: {o.name}, {p.name}{policy}" for o in Objective for p in Polarity for policy in policies]
    named += ["phase: positive", "phase: negative", "rounding: dither", "rounding: plain"]
    named += [f"learning rate: {u}" for u in range(8, config.rate_max + 1)]
    if config.has_contenders:
        some = ("one", "some", "all") if config.classes > 3 else ("one", "all")
        named += [f"contenders: {count}, {policy}" for count in some for policy in ("HARD", "OWN")]
    if any(fields and fields.size > 2 for fields in config.fields):
        named.append("a walk waits for a tile between others")
    for layer, fields in enumerate(config.fields):
        if fields:
            named += [f"layer {layer}: {what}" for what in among(np.zeros_like(fields.tiles))]
            if len(fields.blocks) > 1:
                named += [
                    f"layer {layer}: {how} in its second block" for how in ("plain rounding", "a dither that goes on")
                ]
    if config.recurrent:
        named += ["time steps: one", "time steps: several"]
    if config.classes:
        named += ["inference: one label", "inference: some", "inference: all"]
    for layer in range(config.depth):
        named += [
            f"layer {layer}: {what}"
            for what in (
                "no inputs",
                "every input",
                "all activities 0",
                *(["an activity saturates"] if _saturates(config, layer) else []),
                "a weight saturates upwards",
                "a weight saturates downwards",
                "c is 0",
                "c is 255",
                "c is between",
            )
        ]
    return named


#: How many of a virtual board's conversations are counted: all but the last, which is the long one again.
COUNTED = 4


def covered(case: Case) -> Seen:
    """How often each thing happens in the conversations with a configuration."""
    seen: Seen = Counter()
    for _, said, seed, faults, in_flight in talks(case)[:COUNTED]:
        device = CoverageDevice(case.config)
        for _ in exchanges(said, seed, faults, device, bursts=in_flight):
            pass
        seen.update(device.seen)
    return seen


def coverage(names: Sequence[str] = CASES) -> dict[str, Any]:
    """What happens in the conversations that the virtual board has in `tests/sim`, over some configurations.

    Returns
    -------
    dict
        How often each thing happened, by configuration and in all, and whether all did (`right`).
    """
    found = {name: covered(CONFIGURATIONS[name]) for name in names}
    possible = {name: points(CONFIGURATIONS[name].config) for name in names}
    every = dict.fromkeys(point for name in names for point in possible[name])
    return {
        "points": {point: sum(seen[point] for seen in found.values()) for point in every},
        "cases": {name: {point: seen[point] for point in possible[name]} for name, seen in found.items()},
        "right": all(any(seen[point] for seen in found.values()) for point in every),
    }


def with_states(figures: dict[str, Any], stalled: dict[str, int]) -> dict[str, Any]:
    """The same with the clocks that each state was seen in while an answer waited."""
    right = figures["right"] and all(stalled[state] or unreachable(state) for state in stalled)
    return {**figures, "stalled": dict(sorted(stalled.items())), "right": right}


def coverage_table(figures: dict[str, Any]) -> str:
    """What happened, how often, and in how many of the configurations in which it can."""
    lines = []
    for point, count in figures["points"].items():
        can = [case for case in figures["cases"].values() if point in case]
        did = sum(case[point] > 0 for case in can)
        lines.append((point, f"{count:,}", f"{did} of {len(can)}"))
    text = table(("what", "times", "configurations"), lines)
    if "stalled" in figures:
        rows = [(state, f"{n:,}" if n else unreachable(state) or "NEVER") for state, n in figures["stalled"].items()]
        text += "\n\n" + table(("state", "clocks in which an answer waited for the host"), rows)
    return text
