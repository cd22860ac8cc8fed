"""What holds for the tests of `wire`."""

from hypothesis import settings

# Patterns are compiled on first use, and machines are busy: an example's time says nothing about the code.
settings.register_profile("wire", deadline=None, max_examples=60)
settings.load_profile("wire")
