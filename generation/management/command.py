"""What Galley's commands have in common: a refusal is one line."""

from argparse import ArgumentParser, ArgumentTypeError
from functools import partial
from math import isfinite
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

_MAX_SEED = 2**63 - 1


class OneLineCommand(BaseCommand):
    """A command that refuses a wrong argument in one line on standard error.

    Called from code it raises `CommandError`, as every command does.
    """

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> ArgumentParser:
        """Make Django's parser, whose refusals do not repeat how the command is used."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if self._called_from_command_line:
            parser.error = partial(_refuse, parser)
        return parser


def seed(text: str) -> int:
    """Return the seed that the text names.

    Raises:
        ArgumentTypeError: it is no whole number that a row has room for.
    """
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= _MAX_SEED:
        raise ArgumentTypeError(f"it must be a whole number from 0 to {_MAX_SEED}, not {text!r}.")
    return number


def count(text: str) -> int:
    """Return the number of things that the text names.

    Raises:
        ArgumentTypeError: it is no whole number above 0.
    """
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"it must be a whole number above 0, not {text!r}.")
    return number


def minutes(text: str) -> float:
    """Return the minutes that the text names.

    Raises:
        ArgumentTypeError: they are no number above 0.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not isfinite(number) or number <= 0:
        raise ArgumentTypeError(f"it must be a number of minutes above 0, not {text!r}.")
    return number


def _refuse(parser: ArgumentParser, message: str) -> NoReturn:
    parser.exit(2, f"{parser.prog}: {message}\n")
