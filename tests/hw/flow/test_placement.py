"""Place and route from one seed after the other, with a placer that only writes files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ffpga_hw.boards.table import board
from ffpga_hw.flow import tools
from ffpga_hw.flow.placement import ENDLESS, Endless, Placed, Watch, place

BOARDS = [replace(board("icebreaker"), slower_clock=None), board("ulx3s-25f"), board("tangnano9k")]


class Placer:
    """Stands for `tools.run`: what it writes tells its seed, and the clock that it reports is as given, in the board's.

    Of a seed without a clock it fails.
    """

    def __init__(self, made, clocks: dict[int, float]) -> None:
        self.made, self.clocks, self.seeds = made, clocks, []

    def __call__(self, tool: str, arguments: list[str], folder: Path, *, watch, limit: float) -> str:
        assert tool == self.made.chip.placer and arguments[:1] == ["--json"] and arguments[-2] == "--seed"
        seed = int(arguments[-1])
        self.seeds.append(seed)
        watch(f"begins {seed}")
        if seed not in self.clocks:
            raise tools.ToolFailure(f"cannot route seed {seed}")
        mhz = self.clocks[seed] * self.made.clock_hz / 1e6
        report = {"fmax": {"clk": {"achieved": mhz, "constraint": 1.0}}, "critical_paths": []}
        chip = self.made.chip
        for name in {chip.routed, "placed.json", "top.sdf", f"{chip.placer}.log"}:
            (folder / name).write_text(f"seed {seed}")
        (folder / "report.json").write_text(json.dumps(report))
        return f"said {seed}"


@pytest.fixture(params=BOARDS, ids=lambda made: made.name)
def made(request, monkeypatch):
    monkeypatch.setattr(type(request.param.chip), "fmax", lambda chip, achieved, folder: (achieved, {}))
    return request.param


def run(monkeypatch, made, folder: Path, clocks: dict[int, float], seeds: range) -> tuple[Placed, list, list]:
    placer, missed, watched = Placer(made, clocks), [], []
    monkeypatch.setattr(tools, "run", placer)
    found = place(
        made, ["--json", "netlist.json"], folder, seeds=seeds,
        watch=lambda *said: watched.append(said), missed=lambda *seed: missed.append(seed),
    )  # fmt: skip
    assert watched == [(seed, f"begins {seed}") for seed in placer.seeds]
    for name in (made.chip.routed, "placed.json", f"{made.chip.placer}.log"):
        assert (folder / name).read_text() == f"seed {found.seed}"
    assert json.loads((folder / "report.json").read_text()) == found.report and found.log == f"said {found.seed}"
    assert {path.name for path in folder.iterdir()} == {
        made.chip.routed, "placed.json", "report.json", "top.sdf", f"{made.chip.placer}.log"
    }  # fmt: skip
    return found, placer.seeds, [(seed, round(mhz * 1e6 / made.clock_hz, 3), after) for seed, mhz, after in missed]


def routing(turns: int, left: int) -> str:
    """What router1 says."""
    return f"Info: {turns:10} |{turns - 6568:9}       6568 | 1000     0 |{left:10}|       0.17      19.06|\n"


def test_a_router_that_goes_around_in_circles_is_ended():
    watched = []
    watch = Watch(5, lambda *said: watched.append(said))
    watch("begins")
    for turns in range(0, ENDLESS, 1000):
        watch(routing(turns - 1000, 9) + routing(turns, 8))
    watch(routing(ENDLESS, 7))
    watch(routing(3 * ENDLESS // 2, 9))
    watch(routing(2 * ENDLESS, 7))
    with pytest.raises(Endless, match="seed 5 cannot be routed, 7 wires are left for good: try another --seed"):
        watch(routing(2 * ENDLESS + 1000, 7))
    assert watched[0] == (5, "begins") and len(watched) == ENDLESS // 1000 + 5


class Circling(Placer):
    """One whose router never ends where the clock is 0."""

    def __call__(self, tool: str, arguments: list[str], folder: Path, *, watch, limit: float) -> str:
        said = super().__call__(tool, arguments, folder, watch=watch, limit=limit)
        for turns in range(0, 0 if self.clocks[self.seeds[-1]] else 2 * ENDLESS, 1000):
            watch(routing(turns, 12_544))
        return said


@pytest.mark.parametrize(
    ("clocks", "taken"), [([0, 0.9, 1.1], 3), ([0.9, 0, 0.8], 1), ([0.8, 0], 1), ([0, 0.5], 2), ([0, 0, 0], None)]
)
def test_a_seed_that_cannot_be_routed_is_passed_over(monkeypatch, tmp_path, made, clocks, taken):
    placer, missed = Circling(made, dict(enumerate(clocks, 1))), []
    monkeypatch.setattr(tools, "run", placer)
    seeds = range(1, len(clocks) + 1)
    arguments = {"seeds": seeds, "missed": lambda *seed: missed.append(seed)}
    if taken is None:
        with pytest.raises(Endless, match="seed 3 cannot be routed"):
            place(made, ["--json", "netlist.json"], tmp_path, **arguments)
    else:
        found = place(made, ["--json", "netlist.json"], tmp_path, **arguments)
        assert found.seed == taken and (tmp_path / made.chip.routed).read_text() == f"seed {taken}"
        wanted = [round(clock * made.clock_hz / 1e6, 2) for clock in clocks]
        assert found.tried == dict(enumerate(wanted, 1))
    assert placer.seeds == [*seeds] and [(seed, mhz > 0, after) for seed, mhz, after in missed] == [
        (seed, clock > 0, seed + 1) for seed, clock in zip(seeds[:-1], clocks, strict=False)
    ]


def test_the_first_seed_that_is_fast_enough_is_taken(monkeypatch, tmp_path, made):
    found, seeds, missed = run(monkeypatch, made, tmp_path, {1: 1.0, 2: 2.0}, range(1, 5))
    assert (found.seed, seeds, missed) == (1, [1], [])


def test_further_seeds_are_tried_and_told_of(monkeypatch, tmp_path, made):
    found, seeds, missed = run(monkeypatch, made, tmp_path, {7: 0.95, 8: 0.9, 9: 1.01, 10: 2.0}, range(7, 11))
    assert (found.seed, seeds) == (9, [7, 8, 9])
    assert missed == [(7, 0.95, 8), (8, 0.9, 9)]
    assert found.fmax == pytest.approx(1.01 * made.clock_hz / 1e6) and list(found.tried) == [7, 8, 9]


def test_the_fastest_one_counts_where_none_is_fast_enough(monkeypatch, tmp_path, made):
    found, seeds, missed = run(monkeypatch, made, tmp_path, {1: 0.8, 2: 0.97, 3: 0.9}, range(1, 4))
    assert (found.seed, seeds, len(missed)) == (2, [1, 2, 3], 2)


@pytest.mark.parametrize(("reached", "tried"), [(0.899, [1]), (0.901, [1, 2])])
def test_what_is_too_slow_by_far_is_given_up_where_there_is_a_slower_clock(monkeypatch, tmp_path, reached, tried):
    made = board("icebreaker")
    monkeypatch.setattr(type(made.chip), "fmax", lambda chip, achieved, folder: (achieved, {}))
    found, seeds, missed = run(monkeypatch, made, tmp_path, {1: reached, 2: 1.0}, range(1, 5))
    assert (found.seed, seeds, [seed for seed, *_ in missed]) == (tried[-1], tried, tried[:-1])


def test_one_seed_is_not_told_to_be_followed(monkeypatch, tmp_path, made):
    assert run(monkeypatch, made, tmp_path, {3: 0.5}, range(3, 4))[1:] == ([3], [])


def test_a_failure_of_a_further_seed_ends_the_search(monkeypatch, tmp_path, made):
    found, seeds, _ = run(monkeypatch, made, tmp_path, {1: 0.8, 3: 1.0}, range(1, 4))
    assert (found.seed, seeds) == (1, [1, 2])


def test_a_failure_of_the_first_seed_is_one(monkeypatch, tmp_path, made):
    with pytest.raises(tools.ToolFailure, match="cannot route seed 1"):
        run(monkeypatch, made, tmp_path, {2: 1.0}, range(1, 4))


def test_no_seed(monkeypatch, tmp_path, made):
    with pytest.raises(ValueError, match="seeds must have at least one"):
        run(monkeypatch, made, tmp_path, {}, range(0))
