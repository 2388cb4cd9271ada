"""What an estimator says of what it cannot take: an FfpgaError that is the ValueError which scikit-learn expects."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import DeviceReset, FfpgaError


class Refused(FfpgaError, ValueError):
    """One line with the value, the rule and the remedy, as FfpgaError; a ValueError, too."""


@contextmanager
def refusing() -> Iterator[None]:
    """What lower rooms refuse becomes `Refused`; a lost device stays DeviceReset."""
    try:
        yield
    except (Refused, DeviceReset):
        raise
    except FfpgaError as error:
        raise Refused(str(error)) from None
