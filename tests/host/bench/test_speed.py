"""The arithmetic of the speed figures, on tiny data; nothing is timed."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import ffpga
from ffpga import FfpgaError, NetworkConfig
from ffpga.bench.boards import LINE_BITS, shortened
from ffpga.bench.speed import charts, golden, link, points, scaling
from ffpga.bench.speed.alternate import alternate, spread
from ffpga.bench.speed.summary import summary, summary_table
from ffpga.cli.app import app
from ffpga_golden.layers import Layers
from ffpga_golden.protocol import WINDOW
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow.fit import check_fit

CONFIG = NetworkConfig(features=64, classes=10, layers=(16, 16), lanes=8)
FIELDS = ffpga.fields.windows("28x28", *points.WINDOWS).fields


@pytest.fixture(scope="module")
def digits():
    return shortened(ffpga.load_dataset("digits"), 60, 20)


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_rates_of_contestants_in_turn():
    now, order, turns = [0.0], [], []
    slow = iter([9.0, 2.0, 4.0, 8.0])

    def one() -> float:
        order.append("one")
        now[0] += next(slow)
        return 8.0

    def other() -> float:
        order.append("other")
        now[0] += 1.0
        return 1.0

    rates = alternate({"one": one, "other": other}, 3, clock=lambda: now[0], on_turn=turns.append)
    assert order == ["one", "other"] * 4 and turns == [0, 1, 2, 3]
    assert rates.as_dict() == {"one": [4.0, 2.0, 1.0], "other": [1.0] * 3}, "the first turn does not count"
    assert rates.median("one") == 2.0 and rates.ratio("one", "other") == (2.0, 1.5, 3.0)
    assert spread((2.0, 1.5, 3.0), 1) == "2.0 (1.5 to 3.0)"


def test_a_samples_frame_and_its_alternatives(digits):
    one = np.zeros((2, 784), np.uint8)
    one[0, [3, 30]] = 9  # 2 pairs
    one[1, 5] = 1  # 1 pair
    data = replace(digits, train_x=one, train_y=np.array([0, 1]))
    found = link.sample_bytes(data)
    frame = 2 + 1 + 4 + 2  # sequence and opcode, slot, CRC, COBS and delimiter
    assert found["mean"] == frame + 3 and found["reached"]
    assert found["with_training_step"] == frame + 3 + 2 + 2 + 4 + 2
    assert found["raw"] == frame + 784 + 3 and found["bitmap"] == frame + 98 + 1.5 and found["not_zero"] == 1.5


def test_what_hides_behind_what():
    assert link.hidden(100, 100, 40) == 1 and link.hidden(140, 100, 40) == 0 and link.hidden(120, 40, 100) == 0.5
    assert link.hidden(150, 100, 40) < 0
    assert [wire.clocks_a_byte(48e6) for wire in link.WIRES] == [160, 32, 6]
    assert link.WIRES[0].bytes_a_second == 3_000_000 / LINE_BITS and WINDOW in link.WINDOWS


def test_what_bounds_a_step():
    made = board("icebreaker")  # 45 MHz, 3.33 us a byte on the serial line
    clocks = {"first epoch": np.array([45_000, 90_000, 450]), "inference": np.array([450])}
    rows = link.bounds(made, clocks, 300, 150)
    assert len(rows) == 2 * len(link.WIRES)
    first, last = rows[0], rows[len(link.WIRES)]
    assert first["core_us"] == pytest.approx(3010 / 3) and first["line_us"] == pytest.approx(1000)
    assert first["bound_by"] == "core" and first["steps_core_bound"] == pytest.approx(1 / 3), "1 ms is no longer"
    assert first["steps_a_second"] == pytest.approx(3e6 / 3010)
    assert last["line_us"] == pytest.approx(500) and last["core_us"] == 10 and last["bound_by"] == "line"
    assert last["steps_a_second"] == pytest.approx(2000)
    assert "1,000 µs: core, 997/s (33 % core)" in link.bounds_table(rows)


def test_clocks_of_each_step_are_those_of_training(digits):
    found = link.clocks_of_steps(CONFIG, digits, 3)
    with ffpga.open("golden", CONFIG) as device:
        curve = ffpga.train(device, digits, epochs=3).epochs
    assert found["first epoch"].sum() == curve[0].clocks and found["last epoch"].sum() == curve[2].clocks
    assert len(found["inference"]) == 20 and (found["inference"] > 0).all()
    counted = scaling.count_clocks(CONFIG, digits, 60, 20)
    first = link.clocks_of_steps(CONFIG, digits, 5)["first epoch"]
    assert counted["clocks_a_pair"] == first.mean() and counted["clocks_a_weight"] == first.mean() / CONFIG.weights
    assert counted["floor_a_pair"] < counted["clocks_a_pair"]


def test_a_schedule_that_skips_nothing():
    config = NetworkConfig(features=784, layers=(128, 128), lanes=8)
    assert scaling.dense_clocks(config) == 6 * 16 * (784 + 2 + 128 + 1) == 87_840
    assert scaling.dense_clocks(replace(config, memory_ports=2)) == 4 * 16 * 915


def test_the_points_of_the_curves():
    found = points.clock_points(784, 10, None)
    lanes = [point.place for point in found if point.curve == "1 port"]
    assert lanes == list(points.LANES)
    narrow = [point.place for point in found if point.axis == "width" and point.curve == "8 lanes"]
    wide = [point.place for point in found if point.axis == "width" and point.curve == "64 lanes"]
    assert narrow == [32, 64, 128, 256], "512 neurons of 8 lanes need more words than a core can address"
    assert wide == [64, 128, 256, 512], "64 lanes are more than 32 neurons"
    assert [point.place for point in found if point.axis == "depth"] == [1, 2, 3, 4] * 2

    both = points.clock_points(784, 10, FIELDS)
    assert [point for point in both if not point.config.fields] == found
    beside = {
        axis: [p.place for p in both if p.axis == axis and p.config.fields] for axis in ("lanes", "width", "depth")
    }
    assert beside == {"lanes": list(points.LANES), "width": [72, 144, 288, 576], "depth": [1, 2, 3, 4]}

    for name in ("icebreaker", "ulx3s-85f"):
        for fields in (None, FIELDS):
            all_of, few = (points.cell_points(board(name), 784, 10, fields, every=every) for every in (True, False))
            curves = {point.curve for point in all_of}
            assert len(few) == len(curves) == (1 if fields is None else 2) and set(few) <= set(all_of)
            for axis in ("lanes", "width", "depth"):
                for curve in curves:
                    assert sum((point.axis, point.curve) == (axis, curve) for point in all_of) >= 2, (name, axis, curve)
            for point in all_of:
                check_fit(board(name), point.config)
    assert max(p.config.lanes for p in points.cell_points(board("icebreaker"), 784, 10, FIELDS, every=True)) == 8


def test_fields_of_the_curves(digits):
    image = replace(digits, train_x=np.zeros((2, 784), np.uint8), shape=ffpga.fields.Shape((28, 28)))
    assert points.fields_over(image) == FIELDS
    assert points.fields_over(digits) is None, "8 x 8 pixels are 2 x 2 tiles of 4 x 4"
    assert points.fields_over(replace(digits, shape=None)) is None
    config = NetworkConfig(features=784, layers=(144,), lanes=8, fields=(FIELDS,))
    assert scaling.dense_clocks(config) == 6 * 18 * (144 + 2)


def test_where_chips_end():
    rows = {row["board"]: row for row in scaling.ends(list(BOARDS.values()), 784, 10, FIELDS)}
    assert rows["icebreaker"]["widths"].keys() == {"4", "8"} and rows["ulx3s-85f"]["widths"].keys() >= {"64"}
    widest = rows["icebreaker"]["widths"]["8"]
    preset = board("icebreaker").preset
    plain = replace(preset, layers=(widest, widest), fields=())
    check_fit(board("icebreaker"), plain)
    with pytest.raises(ValueError):
        check_fit(board("icebreaker"), replace(plain, layers=(widest + 8, widest + 8)))
    wider = rows["icebreaker"]["in_fields"]["8"]
    one = replace(preset, layers=(wider,), fields=(FIELDS,))
    check_fit(board("icebreaker"), one)
    assert wider > 5 * widest and wider % (8 * len(FIELDS.blocks)) == 0
    with pytest.raises(ValueError):
        check_fit(board("icebreaker"), replace(one, layers=(wider + 8 * len(FIELDS.blocks),)))

    line = [
        {"axis": "lanes", "place": lanes, "cells": 1000 + 100 * lanes, "configuration": {"fields": fields}}
        for lanes, fields in ((4, []), (8, []), (16, []), (8, [{}]))
    ]
    assert scaling.lanes_of_cells(line, 5280) == 42 and scaling.lanes_of_cells(line[:1], 5280) is None


def test_a_core_is_packed_once(tmp_path, monkeypatch):
    packed = []

    def pack(made, config, folder):
        packed.append(config)
        return {"cells": 17, "bram": 2, "dsp": 8}

    monkeypatch.setattr("ffpga_hw.flow.pack.pack", pack)
    monkeypatch.setattr("ffpga_hw.flow.tools.version", str)
    small = replace(CONFIG, layers=(8,))
    for _ in range(2):
        assert scaling.packed(board("icebreaker"), small, tmp_path)["cells"] == 17
    scaling.packed(board("icebreaker"), replace(small, layers=(16,)), tmp_path)
    assert [config.layers for config in packed] == [(8,), (16,)]


@pytest.fixture(scope="module")
def folder(digits, tmp_path_factory):
    """Figures of every command, made by the commands' own functions on tiny data, or by hand where they are timed."""
    place = tmp_path_factory.mktemp("bench")
    figures = golden.measure(CONFIG, digits, turns=2, pairs=2, inferences=2, peers=False)
    figures |= {
        "ratios": {name: {peer: (3.5, 3.0, 4.0) for peer in (golden.ADAM, golden.SGD)} for name in figures["does"]},
        "least_ratio": golden.LEAST_RATIO,
    }
    (place / "golden.json").write_text(json.dumps(figures))
    timed = {"ratio": (0.9, 0.8, 0.95), "least": 0.8, "reached": True, "board_clocks_a_second": 2e6}
    (place / "simulation.json").write_text(json.dumps(timed | {"epoch_pairs": 100, "epoch_minutes": 5.0}))
    clocks = scaling.measure_clocks(shortened(digits, 10, 5), pairs=5, inferences=5)
    (place / "scaling.json").write_text(json.dumps({"clocks": clocks}))
    wire = {"wire": "serial", "pairs_a_second": 941.0, "hidden": 0.95}
    (place / "link.json").write_text(json.dumps({"bytes": link.sample_bytes(digits), "wires": [wire]}))
    return place


def test_the_summary(folder):
    rows = summary(folder)
    said = summary_table(rows)
    assert "| virtual board to bare model | 0.900 (0.800 to 0.950), 2.00 million clocks/s | 0.8 | met |" in said
    assert "3.5 (3.0 to 4.0) times fflib, Adam | 3 times | met |" in said
    assert "1,336,000, 5.0 a weight" not in said, "the digits have fewer features than MNIST"
    assert [row["met"] for row in rows].count(None) >= 5
    status, printed, _ = command("bench", "summary", "--out", folder)
    assert status == 0 and printed.strip() == said and (folder / "summary.md").read_text().strip() == said
    figures = json.loads((folder / "golden.json").read_text())
    figures["least_inferences"] = 1e12
    (folder / "golden.json").write_text(json.dumps(figures))
    assert "missed" in summary_table(summary(folder))


def test_a_summary_of_nothing_and_of_a_damaged_file(tmp_path):
    status, _, err = command("bench", "summary", "--out", tmp_path)
    assert status == 2 and err.count("\n") == 1 and "run make bench" in err
    (tmp_path / "link.json").write_text("{")
    status, _, err = command("bench", "summary", "--out", tmp_path)
    assert status == 2 and err.count("\n") == 1 and "link.json must be what ffpga bench link wrote" in err


def test_golden_forms_and_their_profile(digits):
    figures = golden.measure(CONFIG, digits, turns=1, pairs=3, inferences=2, peers=False)
    assert figures["pairs_a_second"].keys() == figures["inferences_a_second"].keys() == golden.golden_forms().keys()
    assert golden.golden_table(figures).count("\n") == 1 + len(golden.golden_forms())
    rows = golden.profile(CONFIG, digits, Layers, pairs=10)
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    step = next(row for row in rows if row["function"] == "network._contrast_pair")
    assert step["calls_a_pair"] == 1


def test_fflib_is_asked_for_where_it_is_missing(monkeypatch, digits):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(FfpgaError, match=r"torch.*pip install 'ffpga\[peers\]'.*--no-peers"):
        golden.fflib_turns(CONFIG, digits, 1, 1)


def test_pictures(digits, tmp_path):
    clocks = [
        {"axis": axis, "curve": curve, "place": place, "clocks_a_pair": 9.0, "floor_a_pair": 8.0}
        | {"dense_clocks_a_pair": 90}
        for axis, places in (("lanes", points.LANES), ("width", points.WIDTHS), ("depth", points.DEPTHS))
        for curve in ("8 lanes", "9 fields")
        for place in places
    ]
    cells = [
        {**json.loads(json.dumps(point.as_dict())), "board": name, "cells": 4000, "bram": 30, "dsp": 8}
        for name in ("icebreaker", "ulx3s-85f")
        for point in points.cell_points(board(name), 784, 10, FIELDS, every=True)
    ]
    ends = scaling.ends(list(BOARDS.values()), 784, 10, FIELDS)
    sizes = {}
    for name, drawn in (("whole", cells), ("clocks", ())):
        charts.draw_scaling(clocks, drawn, ends, tmp_path / f"{name}.png")
        sizes[name] = struct.unpack(">II", (tmp_path / f"{name}.png").read_bytes()[16:24])
    assert sizes["whole"] == (sizes["clocks"][0], 2 * sizes["clocks"][1]), "no panel without cells"
    assert "| `icebreaker` | 784-128-128, 8 lanes, 1 port | 4,000 of 5,280 | 30 of 30 |" in scaling.cells_table(cells)
    assert "| `icebreaker` | 784-576, 9 fields, 8 lanes, 1 port | 4,000 of 5,280 |" in scaling.cells_table(cells)
    assert scaling.ends_table(ends, cells).count("\n") == 1 + 2 * len({made.chip.name for made in BOARDS.values()})
    windows = [{"window": n, "latency_us": 0, "pairs_a_second": 900.0} for n in link.WINDOWS]
    steps = {part: np.array([48_000]) for part in ("first epoch", "last epoch", "inference")}
    charts.draw_link(windows, link.bounds(board("icebreaker"), steps, 300, 290), tmp_path / "link.png")
    assert (tmp_path / "link.png").read_bytes().startswith(b"\x89PNG")
