"""The C driver, compiled once a file."""

import pytest

from testbenches.trust.microcontroller.remote import build


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return build(tmp_path_factory.mktemp("c"))
