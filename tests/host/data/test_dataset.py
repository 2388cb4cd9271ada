"""Data sets: what is read, how it is scaled, and what every fault is called."""

import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest

from ffpga import FfpgaError, load_dataset
from ffpga.data.drift import drift
from ffpga.fields import Shape


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


@pytest.fixture
def mnist(tmp_path):
    """A folder like MNIST's, of 4x3 pixels, images compressed and labels not."""
    rng = np.random.RandomState(1)
    for part, samples in (("train", 20), ("t10k", 5)):
        images = rng.randint(0, 256, (samples, 4, 3))
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"{part}-labels.idx1-ubyte").write_bytes(idx(np.arange(samples) % 4))
    return tmp_path


def refuses(source, message):
    with pytest.raises(FfpgaError, match=message) as error:
        load_dataset(str(source))
    assert "\n" not in str(error.value)


def test_digits():
    data = load_dataset("digits")
    assert data.train_x.shape == (1437, 64) and data.test_x.shape == (360, 64)
    assert data.train_x.dtype == np.uint8 and data.train_x.max() == 255
    assert data.classes == 10 and set(np.bincount(data.test_y)) <= {35, 36, 37}
    assert "255/16" in str(data)
    assert np.array_equal(data.test_y, load_dataset("digits").test_y)


def test_mnist(mnist):
    data = load_dataset(f"mnist:{mnist}")
    assert data.train_x.shape == (20, 12) and data.test_x.shape == (5, 12)
    assert data.classes == 4 and data.train_y.tolist()[:5] == [0, 1, 2, 3, 0]
    packed = gzip.decompress((mnist / "train-images-idx3-ubyte.gz").read_bytes())
    assert data.train_x.tobytes() == packed[16:]
    assert "as they are" in data.scaling


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw[:-1], r"truncated: 255 bytes, its header says 256 bytes: download it again"),
        (lambda raw: raw + b"x", r"too long, its header says 256 bytes"),
        (lambda raw: raw[:10], r"truncated: 10 bytes, its header has 16"),
        (lambda raw: b"", r"magic number 0x00000803, not 0x00000000: take the right file"),
        (lambda raw: b"\0\0\x08\x01" + raw[4:], r"magic number 0x00000803, not 0x00000801"),
        (lambda raw: gzip.compress(raw)[:-12], r"damaged or truncated gzip"),
        (lambda raw: gzip.compress(raw)[:-8] + bytes(8), r"damaged or truncated gzip"),
        (lambda raw: b"\x1f\x8b" + raw, r"damaged or truncated gzip"),
    ],
)
def test_idx_faults(mnist, change, message):
    path = mnist / "train-images-idx3-ubyte.gz"
    path.write_bytes(change(gzip.decompress(path.read_bytes())))
    refuses(f"mnist:{mnist}", message)


def test_mnist_folder_faults(mnist, tmp_path):
    refuses(f"mnist:{tmp_path / 'nowhere'}", "nowhere is no folder")
    (mnist / "t10k-labels.idx1-ubyte").write_bytes(idx(np.zeros(4)))
    refuses(f"mnist:{mnist}", "5 images, .* 4 labels: take matching files")
    (mnist / "t10k-labels.idx1-ubyte").unlink()
    refuses(f"mnist:{mnist}", "must hold t10k-labels-idx1-ubyte or")
    (mnist / "t10k-labels.idx1-ubyte").write_bytes(idx(np.full(5, 32)))
    refuses(f"mnist:{mnist}", r"labels must be integers 0 to 31, not 32 \(sample 1\)")


def test_source_faults(tmp_path):
    refuses("letters", "data must be digits, mnist:DIRECTORY, FILE.npz or FILE.csv, not 'letters'")
    refuses(tmp_path / "none.csv", "none.csv does not exist: check the path")


def test_npz_scales_and_splits(tmp_path):
    x = np.linspace(2.0, 12.0, 200).reshape(50, 4)
    np.savez(tmp_path / "a.npz", features=x, labels=np.arange(50) % 5)
    data = load_dataset(str(tmp_path / "a.npz"))
    assert len(data.test_x) == 10 and np.bincount(data.test_y).tolist() == [2] * 5
    both = np.sort(np.concatenate((data.train_x, data.test_x)).ravel())
    assert both.tolist() == np.sort(np.rint((x.ravel() - 2) * 25.5)).tolist()
    assert data.scaling == "features 2 to 12 scaled to 0 to 255"


def test_npz_keeps_u8_and_its_own_split(tmp_path):
    x = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)
    np.savez(tmp_path / "a.npz", train_x=x, train_y=[0, 1, 2, 0], test_x=x[:2], test_y=[1, 1])
    data = load_dataset(str(tmp_path / "a.npz"))
    assert data.train_x.tolist() == x.reshape(4, 6).tolist()
    assert data.test_y.tolist() == [1, 1] and data.classes == 3


X, Y = np.arange(20).reshape(10, 2), np.arange(10) % 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "must hold x and y, .* not x: rename its arrays"),
        ({"x": np.where(X == 7, np.nan, X), "y": Y}, r"finite, not nan \(sample 4, feature 2\): remove or fill"),
        ({"x": X - 1.5, "y": Y}, r"0 or more, not -1.5 \(sample 1, feature 1\): shift the column"),
        ({"x": X, "y": Y[:9]}, r"labels must be one a sample, \[10\], not \[9\]"),
        ({"x": X, "y": Y - 1}, r"labels must be integers 0 to 31, not -1 \(sample 1\)"),
        ({"x": X, "y": Y * 0.5}, r"not 0.5 \(sample 2\): number them"),
        ({"x": X, "y": Y * 0}, "2 to 32 classes, not all 0"),
        ({"x": X, "y": Y.astype("U1")}, "labels must be integers 0 to 31, not <U1"),
        ({"x": X.astype("U2"), "y": Y}, "features must be numbers, not <U2: convert them"),
        ({"x": X[:, 0], "y": Y}, r"features must be an array \[samples, features\], not \[10\]"),
        ({"x": X * 0 + 3, "y": Y}, "must not all be equal, not 3 everywhere"),
        ({"x": X[:0], "y": Y[:0]}, r"there must be samples with features, not \[0, 2\]"),
        ({"x": X[:1], "y": Y[:1]}, "there must be samples to train and to test, not 1 and 0"),
        ({"x": np.ones((4, 1001)), "y": Y[:4]}, "features must be 1 to 1000, not 1001"),
        ({"train_x": X, "train_y": Y, "test_x": X[:, :1], "test_y": Y}, r"the same features, not \[1, 2\]"),
        ({"x": np.array(3), "y": Y}, "not single values"),
        ({"x": np.array([{}], object), "y": Y}, r"no .npz file of plain arrays \(x.npy holds Python objects"),
    ],
)
def test_npz_faults(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    refuses(tmp_path / "a.npz", message)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then not", b"text"])
def test_npz_that_is_none(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    refuses(tmp_path / "a.npz", "no .npz file of plain arrays")


@pytest.mark.parametrize(
    ("head", "order"),
    [("label,width,height\n", (2, 0, 1)), ("width,height,kind\n", (0, 1, 2)), ("", (0, 1, 2))],
)
def test_csv(tmp_path, head, order):
    rows = [(n, 2 * n, n % 2) for n in range(10)]
    (tmp_path / "a.csv").write_text(head + "".join(",".join(str(row[i]) for i in order) + "\n" for row in rows))
    data = load_dataset(str(tmp_path / "a.csv"))
    assert data.features == 2 and data.classes == 2
    assert len(data.train_x) == 8 and len(data.test_x) == 2
    for x, y in zip(data.train_x, data.train_y, strict=True):
        n = round(int(x[1]) * 18 / 255) // 2
        assert x[0] == np.rint(n * 255 / 18) and y == n % 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: it must hold a line a sample"),
        ("a,b,label\n", "a header and no samples"),
        ("1\n2\n", "at least one feature column and a label column, not 1 column"),
        ("a,b,label\n1,2,0\n1,0\n", r"every line must have 3 columns, not 2 \(line 3\): fill them"),
        ("1,2,0\n1,0\n", r"every line must have 3 columns, not 2 \(line 2\)"),
        ("a,b,label\n1,,0\n", r"b must be a number, not '' \(line 2\): correct it"),
        ("1,2,0\n1,x,0\n", r"column 2 must be a number, not 'x' \(line 2\)"),
        ("a,b,label\n1,nan,0\n1,2,1\n", r"finite, not nan \(sample 1, feature 2\)"),
        ("a,b,label\n1,-3,0\n1,2,1\n", r"0 or more, not -3.0 \(sample 1, feature 2\)"),
        ("a,b,label\n1,3,0\n1,2,77\n", r"0 to 31, not 77.0 \(sample 2\)"),
    ],
)
def test_csv_faults(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    refuses(tmp_path / "a.csv", message)


def test_csv_that_is_no_text(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    refuses(tmp_path / "a.csv", "is no readable CSV text")


@pytest.mark.parametrize(
    ("shape", "said"),
    [((16,), "4x4"), ((4, 8), "4x8"), ((15,), None), ((9,), None), ((2, 4, 4), None), ((1, 6), "1x6")],
)
def test_the_shape_of_arrays(shape, said, tmp_path):
    """Two axes are an image; a flat square number is one, as it ever was."""
    x = np.arange(4 * np.prod(shape), dtype=np.uint8).reshape(4, *shape)
    for names in ({"x": x, "y": [0, 1, 0, 1]}, dict(train_x=x, train_y=[0, 1, 0, 1], test_x=x, test_y=[0, 1, 0, 1])):
        np.savez(tmp_path / "a.npz", **names)
        found = load_dataset(str(tmp_path / "a.npz")).shape
        assert (found and str(found)) == said


def test_images():
    """Of a shape that is said, or square; another number of features than the shape's says nothing."""
    digits = load_dataset("digits")
    assert str(digits.shape) == "8x8" and digits.image == (8, 8)
    half = replace(digits, train_x=digits.train_x[:, :32])
    with pytest.raises(FfpgaError, match="must be those of a square image, not 32"):
        _ = half.image
    wide = replace(half, test_x=half.test_x[:, :32], shape=Shape((4, 8)))
    assert wide.image == (4, 8)
    moved = drift("shifted", wide, pixels=3).drifted.test_x.reshape(-1, 4, 8)
    assert not moved[..., :3].any() and np.array_equal(moved[..., 3:], wide.test_x.reshape(-1, 4, 8)[..., :5])
    with pytest.raises(FfpgaError, match=r"^pixels must be 1 to 7 for images of 4 x 8, not 8"):
        drift("shifted", wide, pixels=8)
    with pytest.raises(FfpgaError, match=r"^samples of digits must be images, not 2:16: leave out what needs images"):
        _ = replace(half, shape=Shape((16,), 2)).image
