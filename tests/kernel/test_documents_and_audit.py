"""Stored files and the audit trail."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from django.utils import translation

from parkbrain.kernel import audit, names
from parkbrain.kernel.documents import path_of, store_document
from parkbrain.kernel.models import Branch, User
from tests.factories import make_duty, make_life, make_park

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


def test_the_same_content_is_kept_once_under_its_hash() -> None:
    first = store_document(name="a.pdf", chunks=[b"one ", b"file"], actor=None, at=NOON)
    second = store_document(name="/tmp/../b.pdf", chunks=[b"one file"], actor=None, at=NOON)
    assert first.sha256 == second.sha256 == hashlib.sha256(b"one file").hexdigest()
    assert path_of(first.sha256).read_bytes() == b"one file"
    assert second.name == "b.pdf"
    assert first.size_bytes == 8


def test_an_event_without_a_sentence_is_refused() -> None:
    branch = Branch.objects.create(kind="CITY", code="c", path="/c/")
    with pytest.raises(LookupError):
        audit.record("kernel.never.described", target=branch, actor=None, at=NOON)


def test_an_event_reads_as_a_sentence_also_when_a_detail_is_missing() -> None:
    user = User.objects.create(username="ada", full_name="Ada")
    event = audit.record("accounts.password.changed", target=user, actor=user, at=NOON)
    with translation.override("en"):
        assert audit.sentence(event) == "The password of Ada was changed"
    event.code = "gone.from.code"
    assert "gone.from.code" in audit.sentence(event)


@pytest.mark.parametrize(("language", "expected"), [("zh-hans", "园区"), ("zh-hant", "園區"), ("en", "Park")])
def test_names_follow_the_language(language: str, expected: str) -> None:
    with translation.override(language):
        assert names.localized(zh_hans="园区", zh_hant="園區", en="Park") == expected


def test_a_missing_name_falls_back_to_one_that_exists() -> None:
    with translation.override("en"):
        assert names.localized(zh_hans="园区", zh_hant="園區", en="") == "园区"


def test_traditional_names_are_derived_where_they_are_not_given() -> None:
    assert names.name_fields(zh_hans="机器人产业园")["name_zh_hant"] == "機器人產業園"
    assert names.name_fields(zh_hans="园区", zh_hant="园區")["name_zh_hant"] == "园區"


def test_rows_and_labels_among_the_details_are_said_in_the_readers_language() -> None:
    park = make_park(name_zh_hans="星汀园", name_en="Starbank")
    duty = make_duty(subject=make_life(park=park))
    with translation.override("en"):
        event = audit.record("lifecycle.duty.added", target=duty, actor=None, at=NOON, park=park, subject=park)
        assert "Starbank" in audit.sentence(event)
    event.refresh_from_db()
    with translation.override("zh-hans"):
        assert "星汀园" in audit.sentence(event) and "Starbank" not in audit.sentence(event)
    assert set(audit.details_of(event)) == {"subject"}
    assert audit.verify_chain().holds
