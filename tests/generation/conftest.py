"""What the tests of the writer's app share."""

import pytest

from generation.models import Example
from tests.conftest import kept


@pytest.fixture
def lessons(draft, checkpoint) -> None:
    """One approval that may be learnt from."""
    kept(Example.positive(draft, "A good text."))
    Example.objects.update(is_held_out=False)
