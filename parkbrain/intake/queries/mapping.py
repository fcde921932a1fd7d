"""What the mapping page offers: things, fields, units, and why a column is taken for a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.calc import units
from parkbrain.kernel.taking import takers

from .columns import get_unit_label, list_takers


def list_thing_options(*, about_parks: bool = False) -> list[tuple[str, str]]:
    """Return what a sheet may be taken for."""
    return [("", _("not taken")), *((t.key, str(t.label)) for t in list_takers(about_parks=about_parks))]


def list_field_options(*, taker: str) -> list[tuple[str, str]]:
    """Return the fields a column may hold."""
    found = takers.get(taker)
    fields = [(c.field, str(c.label)) for c in found.columns] if found else []
    return [("", _("not taken")), *fields]


def list_unit_options(*, taker: str) -> list[tuple[str, str]]:
    """Return the units in which the numbers of a thing's columns may stand."""
    found = takers.get(taker)
    known = {u: get_unit_label(unit=u) for c in (found.columns if found else ()) for u in units.alternatives(c.unit)}
    return [("", _("as the heading says")), *sorted(known.items(), key=lambda u: u[1])]


def get_why(*, why: str, params: Mapping[str, Any]) -> str:
    """Return why a column is taken for a field, in the active language."""
    sentences = {
        "why_name": _("this is the column's name"),
        "why_synonym": _("known as another name of it"),
        "why_learned": _("confirmed by somebody of your branch before"),
        "why_said": _("as it was said"),
        "why_unit": _("no unit is given; read as %(unit)s because of “%(evidence)s”"),
        "why_alike": _("much like “%(other)s”"),
        "why_none": _("nothing like it is known"),
    }
    return sentences[why] % params
