"""Data sets: what is read, how it is scaled, and what every fault is called."""

import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest

from ffpga import FfpgaError, load_dataset
from ffpga.data.drift import drift
from ffpga.data.preparing import held_out
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
    (mnist / "train-labels.idx1-ubyte").write_bytes(idx(np.full(20, 3)))
    (mnist / "t10k-labels.idx1-ubyte").write_bytes(idx(np.full(5, 3)))
    refuses(f"mnist:{mnist}", r"^mnist: label must have 2 to 32 classes, not one, '3', in all 25 samples")


def test_source_faults(tmp_path):
    refuses("letters", "data must be digits, mnist:DIRECTORY, openml:NAME, FILE.npz or FILE.csv, not 'letters'")
    refuses(tmp_path / "none.csv", "none.csv does not exist: check the path")


def test_npz_scales_and_splits(tmp_path):
    x = np.linspace(2.0, 12.0, 200).reshape(50, 4)
    np.savez(tmp_path / "a.npz", features=x, labels=np.arange(50) % 5)
    data = load_dataset(str(tmp_path / "a.npz"), coding="range")
    assert len(data.test_x) == 10 and np.bincount(data.test_y).tolist() == [2] * 5
    held = held_out(np.arange(50) % 5)
    low, high = x[~held].min(axis=0), x[~held].max(axis=0)
    assert np.array_equal(data.train_x, np.rint((x[~held] - low) * 255 / (high - low)))
    assert np.array_equal(data.test_x, np.rint((np.clip(x[held], low, high) - low) * 255 / (high - low)))
    assert data.scaling == "coding range (as asked for), 4 inputs of 4 features"
    assert load_dataset(str(tmp_path / "a.npz")).prepared.coding.name == "population:5"


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
        ({"x": np.where(X == 7, np.inf, X), "y": Y}, r"finite, not inf \(sample 4, feature 2\): remove or fill"),
        ({"x": X, "y": Y[:9]}, r"labels must be one a sample, \[10\], not \[9\]"),
        ({"x": X, "y": Y.astype("S1")}, r"labels must be words or numbers, not \|S1: convert them"),
        ({"x": X, "y": np.where(Y, np.nan, 0)}, r"labels must be words or numbers, not nan \(sample 2\): correct it"),
        ({"x": X, "y": Y * 0}, "y must have 2 to 32 classes, not one, '0', in all 10 samples: name another column"),
        ({"x": np.arange(80).reshape(40, 2), "y": np.arange(40)}, r"not 40 \(0, 1, 2, 3, 4, 5, 6, 7, \.\.\.\): a meas"),
        ({"x": X.astype("U2"), "y": Y}, "features must be numbers, not <U2: convert them"),
        ({"x": X[:, 0], "y": Y}, r"features must be an array \[samples, features\], not \[10\]"),
        ({"x": X * 0 + 3.0, "y": Y}, "must not all be equal, not 3 in every sample to train: there is nothing"),
        ({"x": X[:0], "y": Y[:0]}, r"there must be samples with features, not \[0, 2\]"),
        ({"x": X[:2], "y": Y[:2]}, "there must be samples to train and to test, not 2 and 0"),
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
