"""What browsers need of forms, whatever the language."""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.utils import translation


def all_forms(of: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for kind in of.__subclasses__():
        if kind.__module__.startswith("parkbrain."):
            yield kind
        yield from all_forms(kind)


def dated_fields() -> list[tuple[str, forms.DateField]]:
    for config in apps.get_app_configs():
        if config.name.startswith("parkbrain."):
            for room in ("forms", "kit"):
                if importlib.util.find_spec(f"{config.name}.{room}"):
                    importlib.import_module(f"{config.name}.{room}")
    return [
        (f"{kind.__name__}.{name}", field)
        for kind in set(all_forms())
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field, forms.DateField)
    ]


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_dates_reach_the_browsers_date_picker_in_every_language(language: str) -> None:
    fields = dated_fields()
    assert fields
    with translation.override(language):
        for name, field in fields:
            assert field.widget.input_type == "date", name
            assert 'value="2026-11-03"' in field.widget.render("on", datetime.date(2026, 11, 3)), name
