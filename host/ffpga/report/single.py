"""From the record of a run to its page: what is shown, in which order, with which words."""

import shlex
from pathlib import Path

import numpy as np

from ..record.stored import EXAMINED, Run
from . import charts, goodness, tiles, weights
from .builds import matching_builds
from .figures import said, share_saturated, share_skipped
from .page import Page
from .vega import layer_names
from .words import WORDS

#: Features whose coding is shown.
CODED = 300


def write_report(run: Run, path: Path) -> None:
    """Writes a run's report as one HTML file that asks nothing of the network."""
    figures = run.figures
    widths = "-".join(map(str, (run.config.features, *run.config.layers)))
    page = Page(f"{figures['data']}, {widths}", _lines(run))
    page.facts = _facts(run)
    _learning(page, run)
    _coding(page, run)
    _goodness(page, run)
    _first_layer(page, run)
    _test(page, run)
    _weights(page, run)
    _boards(page, run)
    rows = [[key, said(value)] for key, value in figures["versions"].items()]
    rows += [["weights, SHA-256", figures["weights_sha256"]], ["data, SHA-256", figures["data_sha256"]]]
    page.section(
        "To repeat it",
        "Every option is written out, so that defaults may change. The same command gives the same weights, whatever "
        "the target.",
        code=shlex.join(figures["command"]),
        table={"rows": rows, "kind": "sums"},
    )
    page.section("Words", words=WORDS)
    page.write(path)


def _lines(run: Run) -> list[str]:
    figures, samples = run.figures, run.figures["samples"]
    counted = f"{samples['train']:,} samples to train, {samples['test']:,} to test"
    resumed = f" Resumed: goodness, updates and limits are recorded from {run.begun:.2f} on." if run.begun else ""
    notes = [*figures.get("notes", []), *(f"Warning: {said}" for said in figures.get("warnings", []))]
    return [
        f"{run.name}: {run.config} on {figures['target']}",
        f"{figures['data']}: {counted}; {figures['scaling']}. {figures['started']}.{resumed}",
        *(f"{note[:1].upper()}{note[1:]}." for note in notes),
    ]


def _facts(run: Run) -> list[tuple[str, str]]:
    figures, last = run.figures, run.epochs[-1]
    best = max(run.epochs, key=lambda epoch: epoch["accuracy"])
    errors = figures["link_errors"]
    facts = [
        ("test accuracy", f"{100 * last['accuracy']:.2f} %"),
        (f"best, epoch {best['epoch']}", f"{100 * best['accuracy']:.2f} %"),
        ("pairs", f"{figures['pairs']:,}"),
        ("clocks a pair, last epoch", f"{last['clocks'] / last['pairs']:,.0f}"),
        ("times the floor, last epoch", f"{last['clocks'] / last['floor_clocks']:.2f}"),
        ("updates skipped, last epoch", f"{100 * share_skipped(last):.0f} %"),
        ("weights at a limit", f"{100 * share_saturated(run):.2f} %"),
        (f"pairs a second, {figures['target'].split(':')[0]}", f"{figures['pairs'] / figures['seconds']:,.0f}"),
        ("link errors", f"{errors['refused'] + errors['resent']:,}"),
    ]
    return facts


def _learning(page: Page, run: Run) -> None:
    parts = charts.clock_parts(run)
    pairs = [epoch["pairs"] for epoch in run.epochs]
    means = [float(np.average([part[name] for part in parts], weights=pairs)) for name in charts.PARTS]
    whole = sum(means)
    shares = [f"{100 * mean / whole:.0f} %" for mean in means]
    page.section(
        "Learning",
        cards=[
            page.card("Test accuracy", charts.accuracy([run]), "After each epoch."),
            page.card(
                "Clocks a pair",
                charts.clocks([run]),
                "The floor is what the weight memory alone needs for the words that were read and written.",
            ),
            page.card(
                "Where the clocks went",
                charts.clock_shares(run),
                f"Of the whole training {shares[0]} read words, {shares[1]} wrote words; in {shares[2]} the memory "
                "stood still beside scoring, decisions and lists.",
            ),
            page.card(
                "Updates skipped",
                charts.skipped(run),
                "A layer whose probability c rounds to 0, or is below the gate, is right enough and is not updated.",
            ),
            page.card(
                "Right before the update",
                charts.right(run),
                "Share of the training steps in which the positive phase had the greater goodness."
                if run.figures["options"]["phases"] == "paired"
                else "Share of the phases whose goodness was on the right side of the threshold.",
            ),
        ],
    )


def _coding(page: Page, run: Run) -> None:
    """What was done to which feature, with the names of the file's header."""
    coding = run.figures.get("coding")
    if coding is None or not coding["rows"]:
        return
    rows = coding["rows"][:CODED]
    more = f" The first {CODED} features." if len(coding["rows"]) > CODED else ""
    page.section(
        "Coding",
        f"How numbers became the device's inputs: {coding['said']}. It was fitted to the samples to train alone, and "
        f"the checkpoint codes every later sample alike.{more}",
        table={"head": ["feature", "what was done to it"], "rows": rows, "kind": "sums"},
    )


def _goodness(page: Page, run: Run) -> None:
    cards = []
    for layer in range(run.config.depth):
        cards += [
            page.card(f"Layer {layer + 1}, over time", goodness.goodness_over_time(run, layer)),
            page.card(f"Layer {layer + 1}, at the end", goodness.goodness_at_end(run, layer)),
        ]
    minus = " Here goodness is minus this: positive data belong below." * (
        run.figures["options"]["polarity"] == "minus"
    )
    page.section(
        "Goodness of positive and negative data",
        "As the device told it with each training step, before that step's update: the mean square of a layer's "
        "activities. The stronger a field's colour, the more steps it holds; the lines are medians, dashed that of "
        "negative data." + minus,
        cards=cards,
        two=True,
    )


def _first_layer(page: Page, run: Run) -> None:
    if run.images:
        found = tiles.receptive_fields(run)
        more = f" The first {len(found)} of {run.config.layers[0]}." if len(found) < run.config.layers[0] else ""
        page.section(
            "Receptive fields of the first layer",
            "The weights from each pixel to each neuron: blue raises it, orange lowers it, paper is 0." + more,
            tiles=found,
        )
    else:
        page.section("Features", cards=[page.card("How much each input weighs", weights.features(run))])


def _test(page: Page, run: Run) -> None:
    labels = run.arrays["labels"]
    wrong = int((run.arrays["predictions"] != labels).sum())
    cards = [page.card("Confusion", charts.confusion(run), f"{wrong:,} of {len(labels):,} answers are wrong.")]
    some = f" Of the first {EXAMINED:,} mistakes." if wrong > EXAMINED else ""
    note = (
        "By how much the answer's goodness, as mean square activity, was above the true label's; calculated by the "
        "host from the last weights." + some
    )
    if not wrong:
        cards.append(page.card("Worst mistakes", None, "There are none: every test sample was answered rightly."))
    elif run.images:
        cards.append(page.card("Worst mistakes", None, note, mistakes=tiles.mistakes(run)))
    else:
        found = tiles.mistakes(run)
        rows = [[one["sample"], one["true"], one["said"], one["by"], one["features"]] for one in found]
        head = ["test sample", "true label", "answer", "", "features"]
        cards.append(page.card("Worst mistakes", None, note, table={"head": head, "rows": rows}))
    page.section("Test", cards=cards, two=True)


def _weights(page: Page, run: Run) -> None:
    cards = [
        page.card(
            name.capitalize(),
            weights.weights(run, layer),
            f"{100 * float(run.arrays['saturated'][-1, layer]):.2f} % are at a limit, ±2.",
        )
        for layer, name in enumerate(layer_names(run))
    ]
    cards.append(page.card("At a limit, over time", weights.saturation(run)))
    page.section("Weights", "In the end. A weight at a limit cannot grow further.", cards=cards)


def _boards(page: Page, run: Run) -> None:
    builds, title = matching_builds(run.config), "On a board"
    if builds is None:
        page.section(title, "Builds are known where the hardware package is installed: pip install 'ffpga[hw]'.")
        return
    if not builds:
        page.section(
            title,
            "No build of this very configuration is known. `ffpga synth --board NAME` with its sizes makes one, and "
            "`ffpga report` then shows it here.",
        )
        return
    figures, last = run.figures, run.epochs[-1]
    rows = []
    for one in builds:
        used = ", ".join(f"{n:,} of {total:,} {word}" for word, (n, total) in one["used"].items())
        took = figures["clocks"] / one["clock_mhz"] / 1e6
        pair = last["clocks"] / last["pairs"] / one["clock_mhz"]
        rows.append([
            f"{one['title']} ({one['chip']})",
            used,
            f"{one['fmax_mhz']:.1f} MHz, runs at {one['clock_mhz']:g}",
            f"{took:,.1f} s; {pair:,.0f} µs a pair in the last epoch",
            one["source"],
        ])  # fmt: skip
    head = ["board", "used", "clock", "this training, core alone", "figures"]
    page.section(
        title,
        "The same configuration, placed and routed. Times are the run's clocks at the board's clock; the line is "
        "another matter.",
        table={"head": head, "rows": rows},
    )
