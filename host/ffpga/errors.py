"""The error that a user can do something about; an absent package that an extra brings is one, too."""

from collections.abc import Iterator
from contextlib import contextmanager


class FfpgaError(Exception):
    """One line that names the value, the rule and the remedy; the command line prints it and exits with status 2."""


class DeviceReset(FfpgaError):
    """The device has no session any more: since it was opened it was reset, or lost power."""


#: What is installed only where it is wanted: its name by what is imported of it, and the extra that brings it.
EXTRAS = {
    "sklearn": ("scikit-learn", "sklearn"),
    "altair": ("Altair", "report"),
    "jinja2": ("Jinja", "report"),
    "markupsafe": ("Jinja", "report"),
    "vl_convert": ("vl-convert", "report"),
}


def lacking(error: ImportError, what: str = "this") -> FfpgaError | None:
    """What to install for `what`, where the import failed of a package that an extra brings; else None."""
    name = (error.name or "").partition(".")[0]
    if name not in EXTRAS:
        return None
    package, extra = EXTRAS[name]
    return FfpgaError(f"{what} needs {package}: pip install 'ffpga[{extra}]'")


@contextmanager
def needed_by(what: str) -> Iterator[None]:
    """Makes the failed import of such a package an FfpgaError that says what `what` needs."""
    try:
        yield
    except ImportError as error:
        if (said := lacking(error, what)) is None:
            raise
        raise said from None
