"""Tables as people have them: separators, headers, labels, holes; and what every fault is called, with its line."""

from itertools import product

import numpy as np
import pandas
import pytest

from ffpga import FfpgaError, load_dataset
from ffpga.data.preparing import held_out
from ffpga.data.tables import read_table

#: A pressure beside accelerations, and words for labels, in 12 samples.
X = np.stack([np.linspace(-2, 2, 12), np.sin(np.arange(12)), 101325 + 3.5 * np.arange(12)], axis=1).round(3)
WORDS = np.array(["walking", "at rest", "going up"])[np.arange(12) % 3]
NAMES = ["ax", "ay", "pressure"]


def lines(header=(*NAMES, "activity"), separator=",", decimal=".") -> list[str]:
    rows = [[str(value).replace(".", decimal) for value in row] + [word] for row, word in zip(X, WORDS, strict=True)]
    return [separator.join(row) for row in ([list(header)] if header else []) + rows]


def write(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refuses(path, message, **reading):
    with pytest.raises(FfpgaError, match=message) as error:
        load_dataset(str(path), **reading)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("separator", "decimal", "end", "start", "header"),
    [
        *((one, ".", "\n", b"", True) for one in ",;\t|"),
        *((one, ",", "\r\n", b"", True) for one in ";\t|"),
        (";", ",", "\n", b"\xef\xbb\xbf", False),
        (",", ".", "\r\n", b"\xef\xbb\xbf", True),
        (",", ".", "\n", b"", False),
        (", ", ".", "\n", b"\n \n", True),
    ],
)  # fmt: skip
def test_it_is_read_whatever_parts_it(separator, decimal, end, start, header, tmp_path):
    text = end.join(lines((*NAMES, "activity") if header else None, separator, decimal)) + end
    raw = read_table(write(tmp_path, start + text.encode()))
    assert np.array_equal(raw.x, X) and raw.labels.tolist() == WORDS.tolist()
    names = (*NAMES, "activity") if header else tuple(f"column {n}" for n in range(1, 5))
    assert (*raw.names, raw.label_name) == names
    assert ("numbers have decimal commas" in raw.notes) == (decimal == ",")
    assert raw.where(0) == f"line {1 + header + 2 * (separator == ', ')}"


@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_are_the_nearest_ones(decimal, tmp_path):
    """To the last bit, so that a file gives the same inputs with every version of pandas."""
    rng = np.random.RandomState(1)
    values = [*map(str, rng.uniform(-100, 100, 500)), *(f"{value:.20e}" for value in rng.uniform(size=500))]
    text = "a;b;label\n" + "".join(f"{value};1;{n % 2}\n" for n, value in enumerate(values)).replace(".", decimal)
    assert read_table(write(tmp_path, text)).x[:, 0].tolist() == [*map(float, values)]


def test_quotes(tmp_path):
    text = '"a, b",c,label\n"1.5",-2,"x, y"\n2.5,"3","z ""q"""\n'
    raw = read_table(write(tmp_path, text))
    assert raw.names == ("a, b", "c") and raw.x.tolist() == [[1.5, -2], [2.5, 3]]
    assert raw.labels.tolist() == ["x, y", 'z "q"']


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt"])
def test_a_home(suffix, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, "\n".join(lines()), f"sensor.{suffix}")
    data = load_dataset(f"~/sensor.{suffix}")
    assert data.name == "sensor" and data.prepared.coding.names == tuple(NAMES)


@pytest.mark.parametrize(
    ("table", "headed"),
    [
        (["0,1,2", "9,1,0", "8,2,0", "1,9,1"], True),  # pandas, of an array without names
        ([",0,1,2", "0,9,1,0", "1,8,2,0", "2,1,9,1"], True),
        (["4,1,2", "9,1,0", "8,2,0", "1,9,1"], False),
        (["400,410,kind", "1,2,cat", "3,4,dog", "5,6,cat", "7,8,dog"], True),  # a word above others
        (["1,2,cat", "3,4,dog", "5,6,cat", "7,8,dog"], False),
        (["a,b,c", "1,2,cat", "3,4,dog"], True),
        (["?,2,cat", "3,4,dog", "5,6,cat"], False),
        (["# a,b,c", "1,2,0", "3,4,1"], True),  # numpy.savetxt
    ],
)
def test_headers(table, headed, tmp_path):
    raw = read_table(write(tmp_path, "\n".join(table)))
    assert len(raw.x) == len(table) - headed
    assert raw.label_name == (table[0].split(",")[-1] if headed else f"column {len(table[0].split(','))}")
    assert raw.x.shape[1] == 2 and "#" not in raw.names[0]
    assert any("header of numbers" in note for note in raw.notes) == (table[0] in ("0,1,2", ",0,1,2"))


@pytest.mark.parametrize(("first", "kept"), [(0, False), (1, False), (2, True)])
@pytest.mark.parametrize("name", ["", "Unnamed: 0", "n"])
def test_a_column_that_counts_the_lines(first, kept, name, tmp_path):
    """It is left out where it has no name and is an index as pandas writes it."""
    frame = pandas.DataFrame(X, columns=NAMES).assign(activity=WORDS)
    frame.index = pandas.RangeIndex(first, first + 12, name=name or None)
    frame.to_csv(tmp_path / "a.csv")
    raw = read_table(tmp_path / "a.csv")
    kept = kept or name == "n"
    assert raw.names == (((name or "column 1"),) if kept else ()) + tuple(NAMES)
    assert any("counts the lines, was left out" in note for note in raw.notes) != kept


@pytest.mark.parametrize(
    ("label", "classes", "features"),
    [
        (None, ("-1", "2", "10"), ("word", "b", "half")),
        ("kind", ("-1", "2", "10"), ("word", "b", "half")),
        ("4", ("-1", "2", "10"), ("word", "b", "half")),
        ("half", ("0.5", "1", "1.5"), ("word", "b", "kind")),
    ],
)
def test_labels(label, classes, features, tmp_path):
    """Only those that occur are classes; numbers are in the order of their values, and written as numbers."""
    text = "word,b,half,kind\n" + "".join(f"{n},{-n},{n % 3 / 2 + 0.5},{(10, 2, -1)[n % 3]}.0\n" for n in range(12))
    data = load_dataset(str(write(tmp_path, text)), label=label)
    assert data.labels == classes == data.prepared.labels and data.classes == 3
    assert data.prepared.coding.names == features
    assert set(data.train_y.tolist()) == {0, 1, 2}


def test_labels_of_words(tmp_path):
    data = load_dataset(str(write(tmp_path, "\n".join(lines()))))
    assert data.labels == ("at rest", "going up", "walking")
    held = sorted(np.concatenate([data.train_y, data.test_y]).tolist())
    assert held == sorted(np.unique(WORDS, return_inverse=True)[1].tolist())
    swapped = [",".join(line.split(",")[::-1]) for line in lines()]
    assert load_dataset(str(write(tmp_path, "\n".join(swapped))), label="activity").labels == data.labels
    assert read_table(write(tmp_path, "label,a\nx,2\ny,3\n")).label_name == "label"


@pytest.mark.parametrize("hole", ["", "nan", "NA", "?", " "])
def test_missing_values(hole, tmp_path):
    text = lines()
    at = int(np.flatnonzero(~held_out(np.unique(WORDS, return_inverse=True)[1]))[0])
    text[at + 1] = text[at + 1].split(",", 1)[0] + f",{hole}," + text[at + 1].split(",", 2)[2]
    raw = read_table(write(tmp_path, "\n".join(text)))
    assert np.argwhere(np.isnan(raw.x)).tolist() == [[at, 1]]
    data = load_dataset(str(tmp_path / "a.csv"), coding="onoff")
    assert "1 missing values are coded as nothing seen, all inputs 0: ay" in data.notes


def test_a_pressure_beside_accelerations(tmp_path):
    """A column's scale is its own: with semicolons, words and commas a table is what it is prepared by hand."""
    write(tmp_path, "\n".join(lines(separator=";", decimal=",")))
    data = load_dataset(str(tmp_path / "a.csv"), coding="onoff")
    y = np.unique(WORDS, return_inverse=True)[1]
    np.savez(tmp_path / "b.npz", x=X, y=y)
    hand = load_dataset(str(tmp_path / "b.npz"), coding="onoff")
    for name in ("train_x", "train_y", "test_x", "test_y"):
        assert np.array_equal(getattr(data, name), getattr(hand, name))
    assert (data.train_x.max(axis=0) > 100).all()


TABLE = "a,b,label\n1,2,x\n3,4,y\n"


@pytest.mark.parametrize(
    ("text", "reading", "message"),
    [
        ("", {}, "is empty: it must hold a line a sample"),
        ("\n \n", {}, "is empty"),
        ("a,b,label\n", {}, "a header and no samples"),
        ("1\n2\n", {}, "at least one feature column and a label column, not 1 column: part them with commas"),
        ("a,b,label\n1,2,0\n1,0\n", {}, r"every line must have 3 columns, not 2 \(line 3\): fill them"),
        ("a,b,label\n\n1,2,0\n\n\n1,0\n", {}, r"every line must have 3 columns, not 2 \(line 6\): fill them"),
        ("a,b,label\n1,2,0\n1,0,4,5\n", {}, r"every line must have 3 columns, not 4 \(line 3\): fill them"),
        ("4,2,0\n1,0\n", {}, r"every line must have 3 columns, not 2 \(line 2\)"),
        ("4,2,0\n1,x,0\n", {}, r"column 2 must be a number, not 'x' \(line 2\): correct it, leave it empty"),
        ("a,b,label\n\n1,2,0\n\n1,1.2.3,0\n", {}, r"b must be a number, not '1.2.3' \(line 5\)"),
        ('a,b,label\n"1","2\n3",0\n1,z,0\n', {}, r"b must be a number, not '2\\n3' \(line 2\)"),
        ("a,b,label\n1,-inf,0\n1,2,1\n", {}, r"b must be finite, not -inf \(line 2\): correct it or leave it empty"),
        ("a,b,label\n1,1e999,0\n1,2,1\n", {}, r"b must be finite, not inf \(line 2\)"),
        ("a,b,label\n1,3,0\n\n1,2,\n", {}, r"label must be a word or a number, not empty \(line 4\): fill it or leave"),
        ("a;b;label\n1,5;3.5;0\n1,5;2;1\n", {}, r"b must be a number, not '3.5' \(line 2\)"),
        (TABLE, {"label": "kind"}, r"label must be a column, a, b, label, or a number 1 to 3, not 'kind'"),
        (TABLE, {"label": "4"}, r"a number 1 to 3, not '4'"),
        (TABLE, {"label": "0"}, r"a number 1 to 3, not '0'"),
        ("a,a,label\n1,2,x\n3,4,y\n", {"label": "a"}, r"label must be one column, not 2 of the name 'a': give"),
        (TABLE, {"label": "b", "group": "b"}, r"label and group must be two columns, not both b"),
        ("a,b,label\n" + "1,2,x\n" * 5, {}, r"label must have 2 to 32 classes, not one, 'x', in all 5 samples: name "),
        ("a,b\n" + "".join(f"{n},{n / 7}\n" for n in range(40)), {}, r"b must have 2 to 32 classes, not 40 \(0, 0.142"),
        ("a,b,label\n" + "5,5,x\n5,5,y\n" * 5, {}, r"features must not all be equal, not 5 in every sample to train"),
        (TABLE, {"coding": "wavelet"}, r"^coding must be auto, pixels, range, onoff or population\[:K\], such as"),
        ("a,b,label\n" + "-1,2,x\n1,3,y\n" * 5, {"coding": "pixels"}, r"coding pixels takes numbers 0 to 255, not -1"),
        (TABLE, {"features": "spectrum"}, r"features spectrum are of windows, .* of 2 numbers: add --window N"),
        (TABLE, {"features": "wavelet"}, r"^features must be raw or spectrum, not 'wavelet'"),
        (TABLE, {"hop": 3}, r"^hop is of windows of a recording, not 3 alone: add --window N"),
        (TABLE, {"held_out": 1.0}, r"^held_out must be a share above 0 and below 1, not 1.0"),
    ],
)  # fmt: skip
def test_faults(text, reading, message, tmp_path):
    refuses(write(tmp_path, text), message, **reading)


def test_what_is_no_text(tmp_path):
    refuses(write(tmp_path, b"\xff\xfe\x00"), "is no readable CSV text .*: save it as UTF-8, comma-separated")


def test_one_group(tmp_path):
    text = "a,user,label\n" + "".join(f"{n},7,{'xy'[n % 2]}\n" for n in range(10))
    refuses(
        write(tmp_path, text),
        r"user must have 2 groups or more, so that one can be held out, not one, '7': name another column with --group",
        group="user",
    )


@pytest.mark.parametrize(("share", "count"), [(0.2, 2), (1 / 3, 3), (0.01, 1), (0.99, 9)])
def test_groups_are_never_on_both_sides(share, count, tmp_path):
    """Each sample tells its group here, which is no feature."""
    rows = [(10 * user + n, f"u{user}", "xy"[n % 2]) for user, n in product(range(10), range(8))]
    text = "a,user,label\n" + "".join(f"{a},{user},{label}\n" for a, user, label in rows)
    data = load_dataset(str(write(tmp_path, text)), group="user", held_out=share, coding="pixels")
    train, test = ({int(a) // 10 for a in part[:, 0]} for part in (data.train_x, data.test_x))
    assert not train & test and len(test) == count and data.features == 1
    assert data.notes[0].startswith(f"of 10 groups (user) {count} are held out to test: u")


@pytest.mark.parametrize(
    ("columns", "labelled"),
    [
        (["ax", "ay", "pressure"], False),
        (["pressure", "more", "ax", "ay"], True),
        (["ay", "label", "ax", "pressure"], True),
        (["x", "y", "z"], False), (["x", "y", "z", "kind"], True),
    ],
)  # fmt: skip
def test_features_that_are_needed(columns, labelled, tmp_path):
    """Columns of a trained network's names are taken; without such names as many as it has, with a label or without."""
    values = {name: X[:, NAMES.index(name)] if name in NAMES else X[:, n % 3] for n, name in enumerate(columns)}
    pandas.DataFrame(values).to_csv(tmp_path / "a.csv", index=False)
    raw = read_table(tmp_path / "a.csv", wanted=NAMES)
    assert np.array_equal(raw.x, X) and (raw.labels is not None) == labelled


@pytest.mark.parametrize("columns", ["ax,ay", "ax,ay,pressure,more,label", "a,b,c,d,e"])
def test_other_features(columns, tmp_path):
    count = columns.count(",") + 1
    path = write(tmp_path, f"{columns}\n" + ",".join("1" * count) + "\n")
    said = rf"must have 3 features \(ax, ay, pressure\), as was trained on, not {count} columns \({columns[:2]}"
    with pytest.raises(FfpgaError, match=said):
        read_table(path, wanted=NAMES)


def test_what_is_equal_after_coding(tmp_path):
    """An outlier a column leaves nothing of the others, where the range alone counts."""
    x = np.random.RandomState(1).rand(40, 2).round(2)
    x[0], x[1] = 1e6, -1e6
    rows = "".join(f"{a},{b},{n % 2}\n" for n, (a, b) in enumerate(x.tolist()))
    path = str(write(tmp_path, "a,b,label\n" + rows))
    (note,) = [note for note in load_dataset(path, coding="range").notes if "equal" in note]
    assert note.startswith("of 32 samples to train ") and "equal after coding" in note and "--coding" in note
    assert not load_dataset(path, coding="population:5").notes


def test_values_outside_of_the_training_part(tmp_path):
    x = np.arange(40.0)
    np.savez(tmp_path / "a.npz", train_x=x[:20, None], train_y=x[:20] % 2, test_x=x[20:, None], test_y=x[20:] % 2)
    data = load_dataset(str(tmp_path / "a.npz"), coding="range")
    assert (data.test_x == 255).all()
    assert data.notes == (
        "20 values of 20 samples lie outside of what was trained on and are held at its ends, most of them of "
        "feature 1 (20)",
    )
