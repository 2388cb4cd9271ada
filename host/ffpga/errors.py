"""The error that a user can do something about."""


class FfpgaError(Exception):
    """One line that names the value, the rule and the remedy; the command line prints it and exits with status 2."""


class DeviceReset(FfpgaError):
    """The device has no session any more: since it was opened it was reset, or lost power."""
