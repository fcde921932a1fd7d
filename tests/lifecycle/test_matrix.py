"""The responsibility matrix, reminders, what is late on the home page, and the facts that follow."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle import queries, services
from parkbrain.lifecycle.models import Duty, LifeSubject
from tests.factories import (
    AT,
    ON,
    make_assignment,
    make_building,
    make_document,
    make_duty,
    make_life,
    make_park,
    make_user,
)

from .conftest import browser

pytestmark = pytest.mark.django_db


def fact(key: str, park: Park, on: date = ON) -> tuple[float | None, float] | None:
    period = DatePeriod(on, on + timedelta(days=1))
    value = registry.facts.get(key).values(park_ids=[park.pk], period=period).get(park.pk)
    return None if value is None else (value.value, round(value.coverage, 3))


def test_the_matrix_shows_who_held_a_role_on_the_day_and_what_nobody_holds(park: Park, life: LifeSubject) -> None:
    duty = make_duty(subject=life, asked={"R": ["PROPERTY"], "A": ["OWNER"], "C": ["AUTHORITY"]})
    gap = make_duty(subject=life, asked={"R": ["OPERATOR"]})
    make_assignment(duty=duty, party_kind="PROPERTY", body="Old Ltd", ends_on=date(2026, 1, 1))
    make_assignment(duty=duty, party_kind="OPERATOR", body="New Ltd", starts_on=date(2026, 1, 1))
    matrix = queries.get_matrix(park=park, on=ON)
    rows = {row.row.duty: row for row in matrix.rows}
    cells = {cell.kind: cell for cell in rows[duty].cells}
    assert [h.body for h in cells["OPERATOR"].holders] == ["New Ltd"]
    # The operator does what was asked of the property company: that place is filled; nobody answers or is consulted.
    assert (cells["PROPERTY"].missing, cells["OWNER"].missing, cells["AUTHORITY"].missing) == ([], ["A"], ["C"])
    assert rows[gap].has_gap
    assert (matrix.named_count, matrix.share) == (1, 0.5)
    before = queries.get_matrix(park=park, on=date(2025, 6, 1))
    held = {cell.kind: cell.holders for cell in next(r for r in before.rows if r.row.duty == duty).cells}
    assert [h.body for h in held["PROPERTY"]] == ["Old Ltd"] and not held["OPERATOR"]


def test_a_waived_duty_stands_in_no_matrix(park: Park, life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    services.waive_duty(duty=duty, on=ON, reason="x", actor=operator, at=AT)
    assert queries.get_matrix(park=park, on=ON).rows == []
    assert len(queries.get_matrix(park=park, on=date(2026, 1, 1)).rows) == 1


@pytest.mark.parametrize(
    ("language", "title", "gap"),
    [
        ("en", "Responsibility matrix", "asked for, nobody is named"),
        ("zh-hans", "责任矩阵", "应承担而未明确"),
        ("zh-hant", "責任矩陣", "應承擔而未明確"),
    ],
)
def test_the_matrix_goes_on_paper_in_the_readers_language(
    language: str, title: str, gap: str, park: Park, life: LifeSubject, operator: User
) -> None:
    make_assignment(
        duty=make_duty(subject=life, name_zh_hans="消防演练", name_zh_hant="消防演練", name_en="Fire drill"),
        body="物业公司",
    )
    client = browser(operator)
    client.cookies["django_language"] = language
    answer = client.get(reverse("matrix_pdf", args=[park.pk]), {"on": ON.isoformat()})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    for words in (title, gap, "Fire drill" if language == "en" else "消防演", "物业公司", ON.isoformat()):
        assert words in text


def test_the_matrix_on_paper_is_not_for_those_of_another_park(park: Park, life: LifeSubject) -> None:
    url = reverse("matrix_pdf", args=[park.pk])
    assert browser(make_user(Role.OPERATOR, make_park().branch)).get(url).status_code == 404
    assert browser(make_user(Role.OPERATOR, park.branch)).post(url).status_code == 405


def test_the_matrix_page_shows_one_subject_or_all_and_leads_to_the_rows(
    park: Park, life: LifeSubject, operator: User
) -> None:
    house = make_life(park=park, building=make_building(park=park, name_en="Tower"))
    make_assignment(duty=make_duty(subject=life, name_en="Of the park"))
    make_duty(subject=house, name_en="Of the house")
    client, url = browser(operator), reverse("life_matrix", args=[park.pk])
    own = client.get(url).content
    assert b"Of the park" in own and b"Of the house" not in own
    assert b"Of the house" in client.get(url, {"subject": house.pk}).content
    every = client.get(url, {"subject": "all"}).content
    assert b"Of the park" in every and b"Of the house" in every
    assert client.get(url, {"subject": "9" * 30}).status_code == 200
    rows = client.get(reverse("assignment_list"), {"park": park.pk, "format": "csv"})
    text = b"".join(rows.streaming_content).decode("utf-8-sig")
    assert "Of the park" in text and "Operator Ltd" in text


def test_duties_named_are_counted_and_a_park_that_names_nobody_is_unknown(park: Park, life: LifeSubject) -> None:
    duties = [make_duty(subject=life) for _n in range(4)]
    assert fact("duties_required", park) is None
    for duty in duties[:3]:
        make_assignment(duty=duty, starts_on=date(2026, 1, 1))
    make_assignment(duty=duties[3], role="C")
    assert fact("duties_required", park) == (4.0, 1.0)
    assert fact("duties_assigned_valid", park) == (3.0, 1.0)
    # Nobody was responsible yet, so no matrix was kept.
    assert fact("duties_required", park, date(2025, 6, 1)) is None


def test_records_of_construction_count_for_buildings_in_use_that_were_looked_at(park: Park, operator: User) -> None:
    kept, untouched, rising = (make_building(park=park) for _n in range(3))
    used = [("BUILD", date(2018, 1, 1)), ("ATTRACT", date(2019, 1, 1))]
    lives = [
        services.begin_life(park=park, building=b, stages=s, actor=operator, at=AT)
        for b, s in ((kept, used), (untouched, used), (rising, used[:1]))
    ]
    assert fact("build_docs_required", park) is None
    for code in ("bld_fire", "bld_title"):
        duty = lives[0].duties.get(code=code)
        services.give_evidence(
            duty=duty, document=make_document(park=park), valid_from_on=date(2019, 1, 1), actor=operator, at=AT
        )
        services.finish_duty(duty=duty, on=date(2026, 1, 1), actor=operator, at=AT)
    rising_one = lives[2].duties.get(code="bld_fire")
    Duty.objects.filter(pk=rising_one.pk).update(evidence_kind="")
    services.finish_duty(duty=Duty.objects.get(pk=rising_one.pk), on=ON, actor=operator, at=AT)
    assert fact("build_docs_required", park) == (8.0, 0.5)
    assert fact("build_docs_held", park) == (2.0, 0.5)


def test_a_flag_is_proven_while_its_duty_is_done_and_unknown_before_it_is_due(park: Park, operator: User) -> None:
    life = services.begin_life(park=park, stages=[("PLAN", date(2026, 1, 1))], actor=operator, at=AT)
    key, duty = "planning_positioning_study", life.duties.get(code="positioning_study")
    assert duty.due_on == date(2026, 7, 1)
    assert (fact(key, park), fact(key, park, date(2026, 7, 2))) == (None, (0.0, 1.0))
    services.give_evidence(
        duty=duty,
        document=make_document(park=park),
        valid_from_on=date(2026, 5, 1),
        valid_to_on=date(2027, 5, 1),
        actor=operator,
        at=AT,
    )
    services.finish_duty(duty=duty, on=date(2026, 6, 1), actor=operator, at=AT)
    assert [fact(key, park, d) for d in (date(2026, 5, 20), ON, date(2027, 5, 1))] == [None, (1.0, 1.0), (0.0, 1.0)]
    services.reopen_duty(duty=duty, on=ON, reason="outdated", actor=operator, at=AT)
    assert fact(key, park) == (0.0, 1.0)


def test_late_duties_stand_on_the_operators_home_with_whose_they_are(
    park: Park, life: LifeSubject, operator: User
) -> None:
    late = make_duty(subject=life, name_en="Drill", due_on=date(2026, 6, 1))
    mine = make_duty(subject=life, name_en="Ledger", due_on=date(2026, 6, 20))
    make_duty(subject=life, stage="EXIT", due_on=date(2026, 1, 1))
    make_duty(subject=life, due_on=date(2026, 7, 5))
    make_assignment(duty=late, body="Property Ltd")
    make_assignment(duty=mine, person=operator)
    found = queries.list_duty_attention(user=operator, park=park, on=ON)
    assert [(one.title, one.tone) for one in found] == [("Duty overdue: Ledger", "bad"), ("Duty overdue: Drill", "bad")]
    assert found[0].detail.endswith("yours") and found[1].detail.endswith("Property Ltd")
    stranger = make_user(Role.OPERATOR)
    assert queries.list_duty_attention(user=stranger, park=park, on=ON) == []


def person_with_mail(park: Park, address: str) -> User:
    person = make_user(Role.OPERATOR, park.branch)
    User.objects.filter(pk=person.pk).update(email=address)
    return User.objects.get(pk=person.pk)


def test_one_mail_a_day_goes_to_whom_something_late_belongs(park: Park, life: LifeSubject, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    person, idle = person_with_mail(park, "a@example.com"), person_with_mail(park, "b@example.com")
    for name, due in (("Late", date(2026, 6, 1)), ("Soon", date(2026, 7, 4)), ("Far", date(2026, 9, 1))):
        make_assignment(duty=make_duty(subject=life, name_en=name, due_on=due), person=person)
    informed = make_duty(subject=life, due_on=date(2026, 6, 1))
    make_assignment(duty=informed, person=idle, role="I")
    make_assignment(duty=informed, person=make_user(Role.OPERATOR, park.branch))
    assert services.send_reminders(on=ON, at=AT) == 1
    assert services.send_reminders(on=ON, at=AT) == 0
    (sent,) = mail.outbox
    assert sent.to == ["a@example.com"] and "2 duties" in sent.subject
    assert "Late" in sent.body and "Soon" in sent.body and "Far" not in sent.body
    assert services.send_reminders(on=ON + timedelta(days=1), at=AT) == 1


def test_without_a_mail_server_nobody_is_sent_anything(park: Park, life: LifeSubject, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    person = person_with_mail(park, "a@example.com")
    make_assignment(duty=make_duty(subject=life, due_on=date(2026, 1, 1)), person=person)
    assert services.send_reminders(on=ON, at=AT) == 0
    assert mail.outbox == []


def test_a_wrong_address_keeps_nobody_else_from_being_told(
    park: Park, life: LifeSubject, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example"
    for address in ("wrong@example.com", "right@example.com"):
        make_assignment(duty=make_duty(subject=life, due_on=date(2026, 6, 1)), person=person_with_mail(park, address))
    from parkbrain.lifecycle.services import reminders

    sent = reminders.send_mail

    def refusing(subject: str, text: str, sender: str | None, to: list[str]) -> int:
        if to == ["wrong@example.com"]:
            raise OSError("refused")
        return sent(subject, text, sender, to)

    monkeypatch.setattr(reminders, "send_mail", refusing)
    assert services.send_reminders(on=ON, at=AT) == 1
    assert [m.to for m in mail.outbox] == [["right@example.com"]]
    monkeypatch.setattr(reminders, "send_mail", sent)
    # What failed is tried again: nothing says that it was sent.
    assert services.send_reminders(on=ON, at=AT) == 1
