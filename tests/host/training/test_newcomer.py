"""A new user of a known thing: who is new, what is learned of them, and labels that need not be asked for."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import ffpga
from ffpga import Checkpoint, Dataset, FfpgaError
from ffpga.cli.app import app
from ffpga.coding.fitted import Coding
from ffpga.data.raw import Raw
from ffpga.training.field.newcomer import NewcomerRun, learn_person, parted

LABELS = np.array(["run", "walk"])


def people(count: int, samples: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two movements of some people; the last one moves along another axis than the others."""
    random = np.random.RandomState(seed)
    who, y = np.repeat(np.arange(count), samples), np.tile(np.arange(samples) % 2, count)
    x = np.full((len(y), 4), 0.5)
    other = who == count - 1
    x[~other, 0], x[other, 2] = y[~other], y[other]
    x[:, 3] = who % 2
    return x + 0.1 * random.randn(len(y), 4), y, who


def raw_of(x: np.ndarray, y: np.ndarray, who: np.ndarray) -> Raw:
    return Raw("moves", "moves", x, labels=LABELS[y], groups=who.astype(str), group_name="who")


def test_who_is_new():
    x, y, who = people(5)
    raw = raw_of(x, y, who)
    train, test, new = parted(raw, 0.4, 0)
    assert len(new) == 2 and {person.name for person in new}.isdisjoint(raw.groups[np.r_[train, test]])
    assert len(train) == 3 * 32 and len(test) == 3 * 8
    for person in new:
        assert len(person.pool) == 24 and len(person.rest) == 16
        for label in (0, 1):  # the first ones are learned
            assert person.pool[y[person.pool] == label].max() < person.rest[y[person.rest] == label].min()
    everything = np.concatenate([train, test, *(part for one in new for part in (one.pool, one.rest))])
    assert sorted(everything) == list(range(200))
    with pytest.raises(FfpgaError, match=r"^new-user needs labels and people, and moves has none: name .* --group"):
        parted(Raw("moves", "moves", x, labels=LABELS[y]), 0.4, 0)


@pytest.fixture(scope="module")
def trained():
    x, y, who = people(4)
    coding = Coding.fit(x)
    coded, old = coding.transform(x), who < 3
    data = Dataset("moves", coded[old], y[old], coded[old][:30], y[old][:30], 2, "")
    device = ffpga.open("golden", ffpga.NetworkConfig(features=coding.inputs, classes=2, layers=(16,)))
    assert ffpga.train(device, data, epochs=8).accuracy == 1
    return device, Checkpoint.of(device, 8), data, (coded[~old][:20], y[~old][:20]), (coded[~old][20:], y[~old][20:])


@pytest.mark.parametrize("way", ["plain", "replay"])
def test_a_new_person_is_learned(trained, way):
    device, start, data, own, rest = trained
    run = learn_person(
        device, start, data, own, rest, NewcomerRun("3", way), rate=15, seed=0, milestones=(0, 10, 20, 50)
    )
    assert run.seen == run.asked == [0, 10, 20]  # there are no 50
    assert run.own[0] < 0.7 < 0.75 < run.own[-1] and run.old[0] == 1
    if way == "replay":
        assert run.old[-1] > 0.9
    again = learn_person(device, start, data, own, rest, NewcomerRun("3", way), rate=15, seed=0, milestones=(0, 10, 20))
    assert vars(again) == vars(run)


def test_labels_are_asked_for_in_doubt_alone(trained):
    device, start, data, own, rest = trained
    seen: list[int] = []

    def margin(sample: np.ndarray, learned: int) -> float:
        seen.append(learned)
        return 0.1 if len(seen) % 4 == 1 else 0.9

    run = learn_person(
        device, start, data, own, rest, NewcomerRun("3", "asking"), rate=15, seed=0, margin=margin, sure=0.5,
        milestones=(0, 20),
    )  # fmt: skip
    assert run.asked == [0, 5] and seen[:6] == [0, 1, 1, 1, 1, 2]


def test_the_command(tmp_path):
    x, y, who = people(6, samples=60)
    table, figures = tmp_path / "moves.csv", tmp_path / "figures.json"
    lines = [
        f"{','.join(f'{v:.3f}' for v in row)},p{n},{LABELS[label]}" for row, n, label in zip(x, who, y, strict=True)
    ]
    table.write_text("a,b,c,d,person,move\n" + "\n".join(lines) + "\n")
    arguments = ["field", "--scenario", "new-user", "--data", table, "--group", "person", "--held-out", "0.34"]
    arguments += ["--layers", "16", "--epochs", "4", "--json", figures]
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    found = json.loads(figures.read_text())
    plain, replay, asking = found["ways"]
    assert plain["seen"] == [0, 20] and plain["asked"] == replay["asked"] == [0, 20] and plain["people"] == 2
    assert asking["asked"][1] <= 20 and len(found["runs"]) == 6 and found["rate"] == 18
    result = CliRunner().invoke(app, [*map(str, arguments), "--checkpoint", "there.npz"])
    assert result.exit_code == 2 and "checkpoint must be left out with new-user" in result.output
