"""The C driver, compiled once a worker."""

import pytest

from testbenches.trust.microcontroller.remote import build


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    return build(tmp_path_factory.mktemp("c"))
