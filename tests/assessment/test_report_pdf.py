"""The report on paper."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from parkbrain.assessment import queries, reports, services
from parkbrain.assessment.models import Declaration
from parkbrain.calc.intervals import months_before
from parkbrain.kernel.roles import Role
from parkbrain.ui.assets import DIST
from tests.assessment.factories import declare_scheme, make_declaration
from tests.factories import AT, ON, make_document, make_park, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DIST / "manifest.json").is_file(), reason="the front end is not built: make setup"),
]


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_report_carries_star_indicators_notice_and_hash() -> None:
    park = make_park()
    declare_scheme(park=park)
    frozen = services.freeze_rating(
        park=park,
        scheme_id=queries.MAIN_SCHEME,
        cut_off_on=ON,
        title="Half-year 2026",
        actor=make_user(Role.ASSESSOR, park.branch),
        at=AT,
    )
    sheet = queries.build_sheet(row=frozen)
    text = text_of(reports.render_pdf(sheet=sheet, language="en"))
    assert "Half-year 2026" in text
    assert f"{sheet.unit.total_proven:.2f}" in text
    assert frozen.result_hash[:40] in text.replace("\n", "")
    assert "reference model" in text
    missing = [one.id for one in sheet.scheme.indicators if one.id not in text]
    assert missing == []


def test_the_report_lists_what_is_unknown() -> None:
    park = make_park()
    declare_scheme(park=park, without=("leased_area_m2",))
    text = text_of(reports.render_pdf(sheet=queries.get_star_sheet(park=park), language="en"))
    assert "Area let" in text
    assert "unknown" in text


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "全周期管理"), ("zh-hant", "全週期管理")])
def test_the_report_speaks_the_readers_language(language: str, word: str) -> None:
    park = make_park()
    declare_scheme(park=park)
    assert word in text_of(reports.render_pdf(sheet=queries.get_star_sheet(park=park), language=language))


@pytest.mark.parametrize("scheme_id", ["hj274-2015", "green-park-index"])
def test_schemes_without_stars_have_a_report_too(scheme_id: str) -> None:
    park = make_park()
    declare_scheme(park=park, scheme_id=scheme_id)
    sheet = queries.get_star_sheet(park=park, scheme_id=scheme_id)
    assert sheet.scheme.indicators[-1].id in text_of(reports.render_pdf(sheet=sheet, language="en"))


def test_a_file_is_listed_once_with_the_facts_it_shows_and_no_older_one() -> None:
    park = make_park()
    declare_scheme(park=park)
    new, old = make_document(park=park, name="survey-2026.pdf"), make_document(park=park, name="survey-2025.pdf")
    for key in ("satisfaction_score", "leased_area_m2"):
        Declaration.objects.filter(park=park, fact_key=key).update(evidence=new)
        make_declaration(park=park, fact_key=key, value=1.0, cut_off_on=months_before(ON, 9), evidence=old)
    text = text_of(reports.render_pdf(sheet=queries.get_star_sheet(park=park), language="en"))
    assert text.count("survey-2026.pdf") == 1
    assert "survey-2025.pdf" not in text


def test_everything_that_is_not_known_is_on_the_paper() -> None:
    known = make_park()
    declare_scheme(park=known)
    facts = [one.fact.key for one in queries.get_star_sheet(park=known).facts]
    park = make_park()
    declare_scheme(park=park, without=tuple(facts[1:]))
    sheet = queries.get_star_sheet(park=park)
    assert len(sheet.gaps) > 24
    text = "".join(text_of(reports.render_pdf(sheet=sheet, language="en")).split())
    missing = text[text.index("Whatisnotknown") : text.index("Factsofthisrating")]
    assert [g.subject_name for g in sheet.gaps if "".join(g.subject_name.split()) not in missing] == []
