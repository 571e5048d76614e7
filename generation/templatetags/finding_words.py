"""Findings in the right language."""

from typing import Any

from django import template

from generation import checks

register = template.Library()


@register.filter
def told(findings: list) -> list[dict[str, Any]]:
    """Stored findings, each with its sentence in the reader's language."""
    return checks.told(findings)
