"""The `ffpga` command: which commands there are."""

from typing import Annotated

import typer

from .options.listed import HELP, Command, group_of

COMMANDS = {
    "train": Command("train", "Train a network on a device and test it after every epoch."),
    "report": Command("train", "Make a run's report again, or put several runs side by side."),
    "eval": Command("verify", "Write a checkpoint to a device and test it."),
    "predict": Command(
        "predict",
        "Say the label of each of a file's samples, the runner-up, and the margin of goodness between them.",
    ),
    "verify": Command("verify", "Train a device and the golden model side by side; status 1 where anything differs."),
    "selftest": Command(
        "verify",
        "Test a device: line, registers, memory, training, rates; say what a fault means. Status 1 where one is.",
    ),
    "save": Command(
        "weights",
        "Read a board's weights and registers into a checkpoint: a board forgets them when its power goes.",
    ),
    "restore": Command(
        "weights",
        "Write a checkpoint's weights and registers to a board, and read them back; it goes on from there.",
    ),
    "export": Command("weights", "Write a checkpoint's weights as float32 arrays, with names for rows and classes."),
    "import": Command("weights", "Make a checkpoint of float weights, rounded to those of the device."),
    "generate": Command(
        "generate",
        "Write the core as one Verilog file, with its configuration, a FuseSoC core file and a LiteX module.",
    ),
    "info": Command("generate", "Show a configuration, a checkpoint or a device: sizes, registers, counters."),
    "wave": Command(
        "wave",
        "Record a training step of the simulated chip as a waveform, with a view for Surfer and GTKWave.",
    ),
    "examples": Command("programs", "List short programs to start from, or copy some of them."),
    "doctor": Command("doctor", "Show which tools are present, their versions, and what a missing one is needed for."),
    "devices": Command("doctor", "List the serial ports and what answers there; status 1 where nothing does."),
    "synth": Command(
        "boards.synth",
        "Make a board's bitstream; status 3 where the design is too slow for the board's clock.",
    ),
    "synth-check": Command(
        "boards.check",
        "Make the boards' bitstreams and compare with the stored figures; status 1 where one is worse.",
    ),
    "flash": Command("boards.synth", "Write a bitstream to a board's flash."),
    "field": Command(
        "field.drifting",
        "Let a trained chip's sensor drift, and the chip learn on from a short stream: what it regains and forgets.",
    ),
    "watch": Command(
        "field.watch",
        "Learn what is normal from the beginning of a recording, without labels, and alarm where the rest is strange.",
    ),
    "sweep": Command(
        "sweep",
        "Train the points of a grid side by side; what is done already is not done again. Status 1 where one failed.",
    ),
}

#: Under `ffpga bench`: what the documents quote, as tables, JSON and pictures.
MEASUREMENTS = {
    "boards": Command(
        "bench",
        "Show what the boards' networks take: clocks counted by the golden model, the serial line, energy estimated.",
    ),
    "accuracy": Command(
        "bench",
        "Train networks of many kinds from several seeds; runs that are in the folder already are not repeated.",
    ),
    "clocks": Command(
        "bench",
        "Show where every clock of a step goes: predicted by the golden model, measured on the virtual board.",
    ),
    "early-stop": Command(
        "bench",
        "Show what ending an inference at a sure first layer would give, which the core does not do.",
    ),
    "diagrams": Command(
        "bench",
        "Draw the diagrams of the documents: blocks, timing from a recording of the simulated core, a training pair.",
    ),
    "learning": Command(
        "bench",
        "Draw a run in one picture: accuracy and clocks, receptive fields, goodness at its beginning and its end.",
    ),
    "pictures": Command("bench", "Draw the pictures of stored figures again: accuracy, clocks, link, scaling, tasks."),
    "simulation": Command(
        "speed",
        "Compare the virtual board's rate with the bare Verilated model's, which gets the same bytes.",
    ),
    "golden": Command(
        "speed",
        "Compare the golden model's rate with that of the library fflib, and with what the processor's caches allow.",
    ),
    "link": Command(
        "speed",
        "Show bytes a sample, pairs a second by line and code, and whether line or core bounds each board's training.",
    ),
    "scaling": Command(
        "speed",
        "Count clocks and cells against lanes, width and depth, and show where each FPGA ends.",
    ),
    "bus": Command(
        "speed",
        "Place boards' cores without the rest, behind the byte link and behind AXI, and compare cells and clock.",
    ),
    "summary": Command("speed", "Show what the other commands left in a folder as one table."),
    "tasks": Command(
        "tasks",
        "Train on every file of a folder, beside a perceptron and logistic regression; what --out has is not repeated.",
    ),
    "anomalies": Command(
        "tasks",
        "Learn half of the classes of each task as what is normal, without labels, and tell the others from it.",
    ),
    "bits": Command(
        "tasks", "Show accuracy and bytes a sample against the bits of an input; what is in --out is not repeated."
    ),
}

app = typer.Typer(
    cls=group_of(COMMANDS),
    help="Forward-Forward networks that learn on the chip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)
bench = typer.Typer(
    cls=group_of(MEASUREMENTS, "bench "), help="Measure what the documents quote.", no_args_is_help=True
)
app.add_typer(bench, name="bench")


def _version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        print(f"ffpga {metadata.version('ffpga')}")
        raise typer.Exit


@app.callback()
def _ffpga(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass
