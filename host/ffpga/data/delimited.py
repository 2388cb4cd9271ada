"""Text in columns, as people have it: separator, header and decimal comma are found; pandas reads the values."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import MAX_FEATURES

from ..errors import FfpgaError
from .npz import reason
from .raw import listed

#: Bytes of a text file: in memory it takes many times that.
CSV_MAX = 256 << 20
#: Columns beside the features: label, group, index and a few to leave out.
BESIDE = 8
#: What parts columns; the first one that parts all of the first lines alike is taken.
SEPARATORS = ("\t", ";", ",", "|")
#: Lines that are looked at for separator and header.
LOOKED_AT = 200
#: What a missing value may be.
MISSING = (
    "",
    "NA",
    "N/A",
    "n/a",
    "nan",
    "NaN",
    "NAN",
    "-nan",
    "null",
    "NULL",
    "None",
    "none",
    "?",
    "-",
    "#N/A",
    "<NA>",
)
_NUMBER = re.compile(r"\s*[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d+)?\s*")
_COMMA = re.compile(r"\s*[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?\s*")


class Delimited:
    """A text file in columns, of which only the shape was looked at; `numbers` and `words` read columns.

    Parameters
    ----------
    path : Path
    label : str, optional
        A column that is named, by which a header is known.

    Raises
    ------
    FfpgaError
        The file is too large, no text, or its lines have different numbers of columns.
    """

    def __init__(self, path: Path, label: str | None = None) -> None:
        self.path = path
        self._text = _text(path)
        self.separator = _separator(self._text)
        records: list[list[str]] = []
        self.lines: list[int] = []  #: line of each sample, from 1
        self._comma = False
        self.width, last = 0, 0
        try:
            # A line of quotes in the file may go over several; the first is where it stands.
            for record in (reader := _reader(StringIO(self._text), self.separator)):
                line, last = last + 1, reader.line_num
                if len(record) < 2 and not "".join(record).strip():
                    continue
                self.width = self.width or self._checked(len(record))
                if len(record) != self.width:
                    raise FfpgaError(
                        f"{path}: every line must have {self.width} columns, not {len(record)} (line {line}): fill them"
                    )
                self.lines.append(line)
                if len(records) < LOOKED_AT:
                    records.append(record)
                if self.separator != "," and not self._comma:
                    self._comma = any(_COMMA.fullmatch(text) for text in record)
        except csv.Error as error:
            raise FfpgaError(f"{path} is no readable CSV text ({error}): save it as UTF-8, comma-separated") from None
        if not records:
            raise FfpgaError(f"{path} is empty: it must hold a line a sample")
        first = [text.strip() for text in records[0]]
        self.notes: list[str] = []
        self.headed = self._headed(first, records[1:], label)
        if self.headed:
            self._skip = self.lines[0]
            del self.lines[0]
            if not self.lines:
                raise FfpgaError(f"{path} holds a header and no samples: it must hold a line a sample")
            first[0] = first[0].removeprefix("#").strip()  # as numpy.savetxt writes it
            self.header = [name or f"column {n + 1}" for n, name in enumerate(first)]
            self._unnamed = not first[0] or first[0].startswith("Unnamed: 0")
        else:
            self._skip, self._unnamed = 0, False
            self.header = [f"column {n + 1}" for n in range(self.width)]
        if self._comma:
            self.notes.append("numbers have decimal commas")

    def _checked(self, width: int) -> int:
        if width < 2:
            raise FfpgaError(
                f"{self.path} must have at least one feature column and a label column, not {width} column: part them "
                "with commas, semicolons or tabs"
            )
        if width > MAX_FEATURES + BESIDE:
            raise FfpgaError(
                f"{self.path} must have at most {MAX_FEATURES} feature columns, not {width - 1}: choose or pool some"
            )
        return width

    def _headed(self, first: list[str], rest: list[list[str]], label: str | None) -> bool:
        """Whether the first line is a header."""
        if (label is not None and label in first) or "label" in first:
            return True
        words = [name not in MISSING and not self._number(name) for name in first]
        if not rest:
            return any(words)
        for column in np.flatnonzero(words):
            values = [record[column].strip() for record in rest]
            if all(self._number(value) or value in MISSING for value in values):
                return True
            # A word above words that are frequent, and none of them: above labels.
            if first[column] not in values and len(set(values)) <= len(values) / 2:
                return True
        names = first[1:] if first[0] == "" else first
        if names == [str(n) for n in range(len(names))] and len(names) > 1:
            self.notes.append(f"the first line, {self.separator.join(first[:4])}..., was taken for a header of numbers")
            return True
        return False

    def _number(self, text: str) -> bool:
        return bool(_NUMBER.fullmatch(text) or (self._comma and _COMMA.fullmatch(text)))

    def column(self, said: str, what: str) -> int:
        """A column by its name, or by its number from 1.

        Raises
        ------
        FfpgaError
            There is none, or there are several of this name.
        """
        found = [n for n, name in enumerate(self.header) if name == said.strip()]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            raise FfpgaError(
                f"{self.path}: {what} must be one column, not {len(found)} of the name {said!r}: give its number, "
                f"{' or '.join(str(n + 1) for n in found)}"
            )
        if re.fullmatch(r"\d{1,4}", said) and 1 <= int(said) <= self.width:
            return int(said) - 1
        raise FfpgaError(
            f"{self.path}: {what} must be a column, {listed(self.header)}, or a number 1 to {self.width}, not {said!r}"
        )

    def index_column(self) -> bool:
        """Whether the first column is one without a name that counts the lines, as pandas writes it."""
        if not self._unnamed:
            return False
        words = self.words(0).tolist()
        return any(words == [str(n) for n in range(first, first + len(words))] for first in (0, 1))

    def words(self, column: int) -> np.ndarray:
        """A column as text [n], without space around it.

        Raises
        ------
        FfpgaError
            A value is missing.
        """
        values = self._read([column], dtype=str, keep_default_na=False)[column]
        found = np.char.strip(values.to_numpy(dtype=str))
        if (found == "").any():
            at = int(np.argmax(found == ""))
            raise FfpgaError(
                f"{self.path}: {self.header[column]} must be a word or a number, not empty (line {self.lines[at]}): "
                "fill it or leave the line out"
            )
        return found

    def numbers(self, columns: Sequence[int]) -> np.ndarray:
        """Columns as float64[n, columns], NaN where a value is missing.

        Raises
        ------
        FfpgaError
            A value is no finite number.
        """
        frame = self._read(list(columns), keep_default_na=False, na_values=list(MISSING), low_memory=False)
        out = np.empty((len(self.lines), len(columns)))
        for place, column in enumerate(columns):
            values = frame[column]
            if values.dtype.kind not in "iufb":
                self._bad(column)
            out[:, place] = values.to_numpy(dtype=np.float64)
        if np.isinf(out).any():
            row, place = np.argwhere(np.isinf(out))[0]
            raise FfpgaError(
                f"{self.path}: {self.header[columns[place]]} must be finite, not {out[row, place]} "
                f"(line {self.lines[row]}): correct it or leave it empty"
            )
        return out

    def _bad(self, column: int) -> None:
        """FfpgaError that names the first value of a column that is no number."""
        values = self._read([column], dtype=str, keep_default_na=False)[column].tolist()
        for text, line in zip(values, self.lines, strict=True):
            if text.strip() not in MISSING and (not self._number(text) or (self._comma and "." in text)):
                raise FfpgaError(
                    f"{self.path}: {self.header[column]} must be a number, not {text!r} (line {line}): correct it, "
                    "leave it empty where it is missing, or take the column out of the file"
                )
        raise FfpgaError(f"{self.path}: {self.header[column]} must hold numbers that fit 64 bits: correct it")

    def _read(self, columns: list[int], **options: Any) -> Any:
        """Columns as pandas reads them, one row for each of `lines`."""
        import pandas

        try:
            frame = pandas.read_csv(
                StringIO(self._text), sep=self.separator, header=None, names=list(range(self.width)),
                usecols=columns, skiprows=self._skip, decimal="," if self._comma else ".", index_col=False,
                skipinitialspace=True, **options,
            )  # fmt: skip
        except (ValueError, OverflowError, pandas.errors.ParserError) as error:
            raise self._unreadable(reason(error)) from None
        if len(frame) != len(self.lines):
            raise self._unreadable(f"{len(frame):,} lines of values where {len(self.lines):,} were counted")
        return frame

    def _unreadable(self, why: str) -> FfpgaError:
        return FfpgaError(f"{self.path} is no readable CSV text ({why}): save it as UTF-8, comma-separated")


def _text(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > CSV_MAX:
            raise FfpgaError(f"{path} must have at most {CSV_MAX:,} bytes, not {size:,}: write it with numpy.savez")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FfpgaError(
            f"{path} is no readable CSV text ({reason(error)}): save it as UTF-8, comma-separated"
        ) from None


def _reader(lines: Iterable[str], separator: str) -> Any:
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


def _separator(text: str) -> str:
    """What parts the columns of the first lines alike."""
    lines = [line for line in text[: 1 << 20].split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]
    counts = {}
    for separator in SEPARATORS:
        try:
            widths = {len(record) for record in _reader(lines, separator) if record}
        except csv.Error:
            continue
        counts[separator] = lines[0].count(separator) if lines else 0
        if len(widths) == 1 and widths != {1}:
            return separator
    return max(counts, key=lambda one: (counts[one], one == ","), default=",")
