"""The metering audit on paper names every meter whose calibration is due."""

from __future__ import annotations

import io

import pytest
from django.utils.translation import override
from pypdf import PdfReader

from parkbrain.energy import reports, tables
from parkbrain.kernel.roles import Role
from tests.factories import ON, make_energy_meter, make_park, make_user


@pytest.mark.django_db
def test_no_calibration_that_is_due_is_cut() -> None:
    park = make_park()
    for number in range(64):
        make_energy_meter(park=park, code=f"DUE-{number:03}")
    person = make_user(Role.OPERATOR, park.branch)
    with override("en"):
        made = reports.make_audit_report(
            user=person, park=park, since=ON, on=ON, kind="pdf", columns=tables.audit_columns
        )
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    assert "Calibrations due: 64" in text
    assert [n for n in range(64) if f"DUE-{n:03}" not in text] == []
