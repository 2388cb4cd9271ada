"""A board knows its own sizes: what is not typed is taken from it."""

from dataclasses import fields

import typer

from ffpga_golden.config import NetworkConfig

from ...contact.asking import ask_board
from ...data.dataset import square
from ...driver.lines import is_board
from ...fields import Shape
from .network import NetworkOptions, asked_shape


def adopt(
    context: typer.Context, target: str, network: NetworkOptions, shape: Shape | None, baud: int
) -> NetworkOptions:
    """The network's options: where none was typed those of the board at a line, else as they are.

    Parameters
    ----------
    context
        Of the command, which knows what was typed.
    shape : Shape, optional
        Of a sample, to tell what windows the board's receptive fields are.

    Raises
    ------
    FfpgaError
        Nothing answers, or the board's receptive fields are no windows over that shape.
    """
    if not is_board(target) or typed(context, network):
        return network
    answer = ask_board(target, baud)
    config, over = answer.config(shape), answer.windows(shape)
    return NetworkOptions(
        layers=",".join(map(str, config.layers)),
        lanes=config.lanes,
        weight_bits=config.weight_bits,
        memory_ports=config.memory_ports,
        black_box=config.black_box,
        recurrent=config.recurrent,
        fields=over.typed if over else None,
        shape=network.shape,
        few_bits=config.few_bits,
    )


def of_board(target: str, shape: str | None, baud: int) -> NetworkConfig:
    """The configuration of the board at a line: its receptive fields over `shape`, or over a square image."""
    answer = ask_board(target, baud)
    return answer.config(asked_shape(shape, answer.features, "the device") or square(answer.features))


def typed(context: typer.Context, network: NetworkOptions, *more: str) -> bool:
    """Whether any of them but the shape, which is the data's, or any `more` was said on the command line."""
    names = [one.name for one in fields(network) if one.name != "shape"]
    sources = [context.get_parameter_source(name) for name in (*names, *more)]
    return any(source is not None and source.name == "COMMANDLINE" for source in sources)
