"""Sources of the shipped data files are read in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.utils.translation import override

from parkbrain import schemes
from parkbrain.ui.sources import SOURCES, cited

FILES = ("activity_kinds", "equipment_rules", "factors", "land_efficiency", "metering_standards")


def sources_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "source" and isinstance(value, str):
                yield value
            else:
                yield from sources_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from sources_in(value)


def test_every_source_of_the_data_files_is_a_text_of_the_product_and_no_other() -> None:
    named = {
        text for name in FILES for text in sources_in(yaml.safe_load(schemes.path(f"{name}.yaml").read_text("utf-8")))
    }
    assert named == SOURCES


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_a_source_is_cited_in_chinese(language: str) -> None:
    with override(language):
        assert "附" in cited("GB/T 2589-2020, annex A")


def test_what_somebody_typed_stays_as_it_is() -> None:
    with override("zh-hans"):
        assert cited("Supplier's certificate 12/2026") == "Supplier's certificate 12/2026"
