"""A board and the golden device told the same at random: frames, resets, any bytes; every answer is compared."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import DELIMITER, REFUSED, Opcode, Status, decode_frame, encode_frame
from ffpga_sim import VirtualBoard
from testbenches.configurations import Case
from testbenches.conversations.in_flight import InFlight, describe
from testbenches.trust.fuzz.programs import said_to_device

from .chatter import Chatter

#: Frames of a turn, frames said at once (as many as the window has, too), clocks of a byte on the line.
FRAMES, BURSTS, PACES = (100, 400, 1500, 4000), (1, 1, 1, 2, 4, 8, 31), (0, 0, 0, 1, 9, 30)
#: How often, in bursts, a reset or a program of bytes comes.
OFTEN = 0.01
#: Clocks without a byte after which a board is silent, and idle ones in which it must say nothing.
SILENCE, IDLE = 3_000_000, 1500
#: Clocks that the chip may take for a byte, in or out, on the fastest line.
BYTE = 20


@dataclass
class Told:
    """What was said to a board and compared."""

    turns: int = 0
    frames: int = 0  #: said, good and bad
    executed: int = 0  #: commands, whatever their status
    refused: int = 0  #: frames
    repeated: int = 0  #: answers that were asked for again
    programs: int = 0  #: of a fuzzer's bytes
    resets: int = 0  #: in a turn, half of them in the middle of a command
    steps: int = 0  #: training steps
    weights: int = 0  #: weights read and compared
    counters: int = 0  #: times that all counters were compared
    clocks: int = 0  #: simulated
    commands: Counter[str] = field(default_factory=Counter)  #: executed, by name and status

    def add(self, other: "Told") -> None:
        """Adds another one's figures."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Turn:
    """A board and the golden device, told the same from a reset on.

    Parameters
    ----------
    board : VirtualBoard
    case : Case
    seed : int
        Of everything.
    told : Told
        What it adds its figures to.
    """

    def __init__(self, board: VirtualBoard, case: Case, seed: int, told: Told) -> None:
        self._board, self._case, self._random = board, case, Random(seed)
        self._chatter = Chatter(case, seed, faults=self._random.choice((0.0, 0.05, 0.2)))
        self._frames = self._chatter.frames()
        self._heard = b""
        self._late_clocks = IDLE  # in which an answer that may come has come
        self._golden = GoldenDevice(case.config)
        self._flight = InFlight()
        self.told = told
        self.frames = 0  #: said so far

    def run(self, over: Callable[[], bool]) -> None:
        """AssertionError at the first difference; ends early when `over()`."""
        random, before = self._random, self._board.clocks
        self.told.turns += 1
        self._board.reset()
        end = random.choice(FRAMES)
        while not self._chatter.ready or (self.frames < end and not over()):
            self._burst(random.choice(BURSTS))
            if self._chatter.ready and random.random() < OFTEN:
                random.choice((self._reset, self._program))()
        last = [*self._chatter.session(), *self._chatter.read_weights(), (Opcode.COUNTERS, b"")]
        for number, (opcode, payload) in enumerate(last):
            self._together([encode_frame(number, opcode, payload)])
        self._board.pace(0)
        self.told.clocks += self._board.clocks - before

    # Frames --------------------------------------------------------------------------------------------------------
    def _burst(self, count: int) -> None:
        """So many frames at once; one that opens a session comes alone."""
        frames = []
        while len(frames) < count:
            frames.append(next(self._frames))
            if _opens(frames[-1]):
                break
        if len(frames) > 1 and _opens(frames[-1]):
            self._together(frames[:-1])
            frames = frames[-1:]
        self._together(frames)

    def _together(self, frames: list[bytes]) -> None:
        """Says frames and compares the answers: the bytes, unless there are bad frames among several."""
        expected, clean = [], True
        for frame in frames:
            due = len(self._flight)
            self._golden.write(frame)
            expected.append(self._flight.say(frame, self._golden.read(1 << 20)))
            clean &= len(self._flight) == due + 1
            self._count(frame, expected[-1], len(self._flight) - due)
        self._say(b"".join(frames))
        if clean or len(frames) == 1:
            for frame, right in zip(frames, expected, strict=True):
                found = b"".join(self._answer() for _ in range(right.count(DELIMITER)))
                assert found == right, f"{describe(frame)}: {found.hex()}, not {right.hex()}"
                for answer in found.split(DELIMITER)[:-1]:
                    self._flight.hear(answer + DELIMITER)
        else:
            while self._flight:
                self._flight.hear(self._answer())
            while answer := self._late():
                self._flight.hear(answer)
        self._flight.settle()

    def _count(self, frame: bytes, answers: bytes, executed: int) -> None:
        told = self.told
        told.frames += 1
        self.frames += 1
        found = [decode_frame(answer) for answer in answers.split(DELIMITER)[:-1]]
        refused = sum(one is not None and one[1] in REFUSED for one in found)
        told.refused += refused
        told.repeated += len(found) - refused - executed
        command = decode_frame(frame[:-1])
        if executed and command is not None and found[0] is not None:
            status, payload = found[0][1:]
            known = command[1] in list(Opcode)
            told.commands[f"{Opcode(command[1]).name if known else 'unknown'} {Status(status).name}"] += 1
            told.executed += 1
            told.steps += command[1] in (Opcode.TRAIN_PAIR, Opcode.TRAIN_PHASE) and status == Status.OK
            told.counters += command[1] == Opcode.COUNTERS and status == Status.OK
            if command[1] == Opcode.READ_WEIGHTS:
                told.weights += 8 * len(payload) // self._case.config.weight_bits

    # What happens besides ------------------------------------------------------------------------------------------
    def _reset(self) -> None:
        """A reset, while nothing goes on: the weights stay; or while something does: they are written again."""
        self.told.resets += 1
        golden, busy = GoldenDevice(self._case.config), self._random.random() < 0.5
        if busy:
            data = b"".join(next(self._frames) for _ in range(self._random.randrange(1, 5)))
            self._say(data[: self._random.randrange(1, len(data) + 1)])
            self._board.advance(self._random.randrange(1, 4000))
        else:
            golden.network.weights = self._golden.network.weights
        self._board.reset()
        self._golden, self._heard = golden, b""
        self._flight = InFlight()
        self._together([encode_frame(self._random.randrange(256), Opcode.COUNTERS)])  # no session
        self._chatter.begin(rewrite=busy)

    def _program(self) -> None:
        """Bytes as a fuzzer writes them, then a new session."""
        self.told.programs += 1
        data = self._random.randbytes(self._random.randrange(1, 600))
        for piece in (*said_to_device(data, self._case.config), DELIMITER):
            self._golden.write(piece)
            right = self._golden.read(1 << 20)
            self._say(piece)
            found = b"".join(self._answer() for _ in range(right.count(DELIMITER)))
            assert found == right, f"{piece.hex()}: {found.hex()}, not {right.hex()}"
        self._flight = InFlight()
        self._chatter.begin(rewrite=False)

    # Bytes ---------------------------------------------------------------------------------------------------------
    def _say(self, data: bytes) -> None:
        """Sends bytes, all at once or in pieces, on a line of some speed, which is also that of the answers."""
        random, board = self._random, self._board
        assert not (more := self._heard or board.advance(random.choice((1, IDLE)))), f"not asked for: {more.hex()}"
        pace = random.choice(PACES)
        board.pace(pace)
        self._late_clocks = IDLE + (BYTE + pace) * (len(data) + 100)
        while data:
            count = len(data) if random.random() < 0.8 else random.randint(1, len(data))
            board.write(data[:count])
            data = data[count:]
            if data:
                self._heard += board.advance(random.randint(1, 2000))

    def _answer(self) -> bytes:
        """The next answer of the board, with its delimiter."""
        silent = 0
        while (end := self._heard.find(DELIMITER)) < 0:
            before = self._board.clocks
            more = self._board.advance(SILENCE)
            self._heard += more
            silent = 0 if more else silent + self._board.clocks - before
            assert silent < SILENCE, f"silence for {silent:,} clocks after {self._heard.hex() or 'nothing'}"
        answer, self._heard = self._heard[: end + 1], self._heard[end + 1 :]
        return answer

    def _late(self) -> bytes:
        """An answer that the board may give or not."""
        while DELIMITER not in self._heard:
            more = self._board.advance(self._late_clocks)
            self._heard += more
            if not more:
                assert not self._heard, f"an answer without its end: {self._heard.hex()}"
                return b""
        return self._answer()


def _opens(frame: bytes) -> bool:
    decoded = decode_frame(frame[:-1])
    return decoded is not None and decoded[1] == Opcode.IDENTIFY
