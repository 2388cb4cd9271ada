"""The `ffpga` command: which commands there are."""

from typing import Annotated

import typer

from .bench import bench
from .boards.check import check_command
from .boards.synth import flash_command, synth_command
from .doctor import devices_command, doctor_command
from .field.drifting import field_command
from .field.watch import watch_command
from .generate import generate_command, info_command
from .options.examples import epilog
from .options.flags import Command, Group
from .predict import predict_command
from .programs import examples_command
from .speed import SPEED
from .sweep import sweep_command
from .tasks import REAL
from .train import report_command, train_command
from .verify import eval_command, selftest_command, verify_command
from .wave import wave_command
from .weights import export_command, import_command, restore_command, save_command

COMMANDS = {
    "train": train_command,
    "report": report_command,
    "eval": eval_command,
    "predict": predict_command,
    "verify": verify_command,
    "selftest": selftest_command,
    "save": save_command,
    "restore": restore_command,
    "export": export_command,
    "import": import_command,
    "generate": generate_command,
    "info": info_command,
    "wave": wave_command,
    "examples": examples_command,
    "doctor": doctor_command,
    "devices": devices_command,
    "synth": synth_command,
    "synth-check": check_command,
    "flash": flash_command,
    "field": field_command,
    "watch": watch_command,
    "sweep": sweep_command,
}

app = typer.Typer(
    cls=Group,
    help="Forward-Forward networks that learn on the chip.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


for name, function in COMMANDS.items():
    app.command(name, epilog=epilog(name))(function)
for name, function in {**SPEED, **REAL}.items():
    bench.command(name, epilog=epilog(f"bench {name}"))(function)
app.add_typer(bench, name="bench", cls=Group)
for registered in (*app.registered_commands, *bench.registered_commands):
    registered.cls = Command
