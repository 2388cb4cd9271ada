"""The virtual board: simulated RTL as a transport of the host driver."""

import ctypes
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from os import PathLike
from pathlib import Path

from ffpga_golden.config import NetworkConfig

from .build import Flags, build_board, build_record, load_board
from .verilog import core_verilog
from .view import Signal, layout

#: Clocks that one call of the shim runs at most: about 0.1 s.
CHUNK = 100_000


@cache
def _library(path: Path, watch: bool) -> ctypes.CDLL:
    library = load_board(path)
    pointer, number, count = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_size_t
    watching = [
        ("watch", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_char_p]),
        ("seen", count, [pointer, ctypes.POINTER(number), ctypes.POINTER(number), count]),
    ]
    for name, result, arguments in (
        ("new", pointer, []),
        ("delete", None, [pointer]),
        ("reset", None, [pointer]),
        ("push", None, [pointer, ctypes.c_char_p, count]),
        ("pace", None, [pointer, number]),
        ("run", number, [pointer, number, count]),
        ("replay", None, [pointer, ctypes.c_char_p, count, number]),
        ("waiting", count, [pointer]),
        ("take", count, [pointer, ctypes.c_char_p, count]),
        ("clocks", number, [pointer]),
        ("trace", ctypes.c_int, [pointer, ctypes.c_char_p]),
        ("stop_trace", None, [pointer]),
        *(watching if watch else []),
    ):
        function = getattr(library, f"board_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class VirtualBoard:
    """A chip of a configuration, simulated by Verilator, as a transport: bytes in, bytes out.

    The clock runs only inside `read`, so what the chip does depends on the bytes alone, not on the speed of the host.

    Parameters
    ----------
    config : NetworkConfig
        The core to simulate. It is built once per configuration and kept under ``build/virtual_board/``.
    wave : path, optional
        Builds the variant that can record waveforms. Nothing is recorded before `trace` is called; `wave` is where
        it writes to unless told otherwise.
    verilog : str, optional
        Verilog of the chip, module `ffpga`, in place of what the core's generator writes.
    watch : sequence of str
        Up to 64 signals of one bit, such as "engine.walker.walker_gap", whose patterns `seen` counts.
    flags : Flags, optional
        Of Verilator and of the compiler, in place of the fastest ones.

    Raises
    ------
    ValueError
        There is no signal of a name in `watch`.
    BuildError
        Verilator, a C++ compiler or a header is missing, or a build failed.
    """

    def __init__(
        self,
        config: NetworkConfig,
        *,
        wave: str | PathLike | None = None,
        verilog: str | None = None,
        watch: Sequence[str] = (),
        flags: Flags | None = None,
    ) -> None:
        self.config = config
        self._wave, self._watch = wave, tuple(watch)
        self._board = None
        self._copy: tuple[Path, Path] | None = None  # a recording made elsewhere, and where it belongs
        self._verilog = text = core_verilog(config) if verilog is None else verilog
        path = build_board(text, wave=wave is not None, watch=self._watch, flags=flags)
        self.build_seconds: float = build_record(path)["seconds"]  #: of its build, now or when it was put in the cache
        self._library = _library(path, bool(self._watch))
        self._board = self._library.board_new()
        for signal in self._watch:
            scope, _, name = f"TOP.board.ffpga.{signal}".rpartition(".")
            if not self._library.board_watch(self._board, scope.encode(), name.encode()):
                raise ValueError(
                    f"watch must name up to 64 signals of the core, such as engine.walker.issue, not {signal}"
                )
        self.reset()

    def _open(self) -> int:
        if self._board is None:
            raise ValueError("the virtual board is closed")
        return self._board

    def reset(self) -> None:
        """Pulses the reset and forgets the bytes on their way; the device has then no session."""
        self._library.board_reset(self._open())

    def write(self, data: bytes) -> None:
        """Queues bytes for the chip, which takes them while `read` runs the clock."""
        self._library.board_push(self._open(), bytes(data), len(data))

    def read(self, n: int, timeout: float) -> bytes:
        """Up to `n` bytes of the chip's answers.

        Runs the clock until an answer ends, `n` bytes are there or `timeout` seconds of wall time have passed.

        Returns
        -------
        bytes
            At least one byte, or none where the chip was silent for `timeout` seconds.
        """
        board, library = self._open(), self._library
        if n <= 0:
            return b""
        if not library.board_waiting(board):
            deadline = time.monotonic() + timeout
            while True:
                library.board_run(board, CHUNK, n)
                if library.board_waiting(board) or time.monotonic() >= deadline:
                    break
        return self._take(min(n, library.board_waiting(board)))

    def _take(self, room: int) -> bytes:
        buffer = ctypes.create_string_buffer(room)
        taken = self._library.board_take(self._board, buffer, room)
        return buffer.raw[:taken]

    def advance(self, clocks: int) -> bytes:
        """Runs at most so many clocks, to the end of an answer; returns the bytes that the chip has sent, if any."""
        board, library = self._open(), self._library
        library.board_run(board, clocks, 1 << 30)
        return self._take(library.board_waiting(board))

    def pace(self, clocks: int) -> None:
        """A byte takes so many clocks in each direction from now on; 0: the chip takes one a clock."""
        self._library.board_pace(self._open(), clocks)

    def replay(self, data: bytes, clocks: int) -> None:
        """Runs the clock with `data` offered to the chip, drops its answers and does nothing else: the bare model.

        What was written before must have been answered.
        """
        self._library.board_replay(self._open(), data, len(data), clocks)

    @property
    def clocks(self) -> int:
        """Clocks simulated since the board was opened, the reset not counted."""
        return self._library.board_clocks(self._open())

    def seen(self) -> dict[tuple[bool, ...], int]:
        """Clocks in which each pattern of the signals in `watch` was seen, since the last call or the opening."""
        if not self._watch:
            raise ValueError("a board counts signals only when it was opened with `watch`")
        room = 1024
        while True:
            patterns, clocks = (ctypes.c_uint64 * room)(), (ctypes.c_uint64 * room)()
            found = self._library.board_seen(self._open(), patterns, clocks, room)
            if found <= room:
                break
            room = found
        bits = range(len(self._watch))
        return {tuple(bool(patterns[n] >> bit & 1) for bit in bits): clocks[n] for n in range(found)}

    def view(self) -> dict[str, list[Signal]]:
        """The signals that a recording shows first, in groups: those of the scope `ffpga_sim.view.SCOPE`."""
        return layout(self._verilog)

    def trace(self, path: str | PathLike | None = None) -> Path:
        """Starts to record every signal, as FST; returns the path that it writes to.

        The recorder makes its file anew. So a symlink is followed before, and what is no regular file, such as a pipe,
        gets the recording from a temporary file when it has ended.
        """
        if self._wave is None:
            raise ValueError("a board records waveforms only when it was opened with `wave`")
        path = Path(self._wave if path is None else path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):
                handle, name = tempfile.mkstemp(suffix=".fst")
                os.close(handle)
                self._copy = Path(name), path
            else:
                name = os.path.realpath(path)
                Path(name).open("wb").close()
        except OSError as error:
            raise OSError(f"cannot write the waveform {path} ({error.strerror})") from None
        if not self._library.board_trace(self._open(), os.fsencode(name)):
            raise OSError(f"cannot write the waveform {path}")
        return path

    def stop_trace(self) -> None:
        """Ends the recording and closes its file."""
        self._library.board_stop_trace(self._open())
        self._hand_over()

    def _hand_over(self) -> None:
        """Copies a recording that was made elsewhere to where it belongs."""
        if self._copy is not None:
            (made, path), self._copy = self._copy, None
            try:
                with made.open("rb") as source, path.open("wb") as target:
                    shutil.copyfileobj(source, target)
            except OSError as error:
                raise OSError(f"cannot write the waveform {path} ({error.strerror})") from None
            finally:
                made.unlink()

    def close(self) -> None:
        """Ends the simulation, and the recording if there is one."""
        if self._board is not None:
            self._library.board_delete(self._board)
            self._board = None
            self._hand_over()

    def __enter__(self) -> "VirtualBoard":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_board", None) is not None:
            self.close()
