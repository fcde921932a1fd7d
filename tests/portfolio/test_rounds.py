"""A data round from its opening to acceptance: who may do what, what is refused, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from parkbrain.assessment.models import Declaration, Verification
from parkbrain.assessment.services import FactEntry, declare_facts
from parkbrain.kernel.models import AuditEvent, Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import queries, services
from parkbrain.portfolio.models import DataRound, Finding, Submission
from tests.factories import make_branch, make_park, make_user

pytestmark = pytest.mark.django_db

FACTS = ["leased_area_m2", "leasable_area_m2", "total_output_wan", "total_tax_wan", "total_kwh"]
VALUES = {
    "leased_area_m2": 8_123.0,
    "leasable_area_m2": 9_456.0,
    "total_output_wan": 51_234.0,
    "total_tax_wan": 2_345.0,
    "total_kwh": 3_456_789.0,
}


class City:
    """A district with a bureau, two operators and their parks, and an open round."""

    def __init__(self) -> None:
        self.city = make_branch(Branch.Kind.CITY)
        self.district = make_branch(Branch.Kind.DISTRICT, self.city)
        self.operators = [make_branch(Branch.Kind.OPERATOR, self.district) for _n in range(2)]
        self.parks = [make_park(operator=self.operators[n % 2], gross_floor_area_m2=10_000.0 + n) for n in range(4)]
        self.bureau = make_user(Role.BUREAU, self.district)
        self.operator = make_user(Role.OPERATOR, self.operators[0])
        self.stranger = make_user(Role.OPERATOR, self.operators[1])
        self.now = timezone.now()
        self.today = timezone.localdate(self.now)
        self.round = self.prepare()
        services.open_round(data_round=self.round, actor=self.bureau, at=self.now)
        self.round.refresh_from_db()
        self.answer = self.round.submissions.get(park=self.parks[0])

    def prepare(self, **changes: Any) -> DataRound:
        values = {
            **name_fields(zh_hans="年度填报", en="Yearly round"),
            "cut_off_on": date(self.today.year, 1, 1) - timedelta(days=1),
            "opens_on": self.today,
            "due_on": self.today + timedelta(days=20),
            "fact_keys": FACTS,
            "asked": {},
            **changes,
        }
        return services.prepare_round(branch=self.district, values=values, actor=self.bureau, at=self.now)

    def fill(self, values: dict[str, float | None] | None = None, *, answer: Submission | None = None) -> Submission:
        answer, actor = answer or self.answer, self.person_of(answer or self.answer)
        given = {key: services.Given(value) for key, value in (values or VALUES).items()}
        return services.save_draft(submission=answer, given=given, actor=actor, at=self.now)

    def hand_in(self, values: dict[str, float | None] | None = None, *, answer: Submission | None = None) -> Submission:
        answer = answer or self.answer
        self.fill(values, answer=answer)
        return services.submit(submission=answer, actor=self.person_of(answer), at=self.now)

    def person_of(self, answer: Submission) -> User:
        return self.operator if answer.park_id in {self.parks[0].pk, self.parks[2].pk} else self.stranger


@pytest.fixture
def city() -> Iterator[City]:
    with override("en"):
        yield City()


def sign_in(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def page_of(city: City, park: Park | None = None) -> str:
    return f"/parks/{(park or city.parks[0]).pk}/rounds/{city.round.pk}/"


def typed(**changes: str) -> dict[str, str]:
    return {**{f"value-{key}": f"{value:.15g}" for key, value in VALUES.items()}, **changes}


def test_a_round_asks_every_park_of_its_branch_within_its_limits(city: City) -> None:
    assert set(city.round.submissions.values_list("park_id", flat=True)) == {park.pk for park in city.parks}
    small = city.prepare(asked={"area_to": 10_002.0, "operator": city.operators[0].code})
    assert services.open_round(data_round=small, actor=city.bureau, at=city.now) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fact_keys": []}, "at least one fact"),
        ({"fact_keys": ["no_such_fact"]}, "no_such_fact"),
        ({"asked": {"area_from": 1e9}}, "No park"),
        ({"due_on": date(2020, 1, 1)}, "before the first"),
    ],
)
def test_a_round_that_asks_nothing_of_nobody_is_refused(city: City, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(services.CannotRunRound, match=message):
        city.prepare(**changes)


def test_an_open_round_is_not_changed_or_opened_again(city: City) -> None:
    with pytest.raises(services.CannotRunRound):
        services.open_round(data_round=city.round, actor=city.bureau, at=city.now)
    with pytest.raises(services.CannotRunRound):
        services.prepare_round(
            branch=city.district, values={"fact_keys": FACTS[:1]}, data_round=city.round, actor=city.bureau, at=city.now
        )


def test_whoever_does_not_run_the_branch_runs_no_round_of_it(city: City) -> None:
    other = make_user(Role.BUREAU, make_branch(Branch.Kind.DISTRICT, city.city))
    for actor in (other, city.operator, make_user(Role.ASSESSOR, city.district)):
        with pytest.raises(services.CannotRunRound):
            services.close_round(data_round=city.round, actor=actor, at=city.now)
    assert sign_in(other).get(f"/city/rounds/{city.round.pk}/").status_code == 404
    assert sign_in(city.operator).get(f"/city/rounds/{city.round.pk}/").status_code == 403


def test_the_round_stands_among_what_needs_the_operator_until_it_is_handed_in(city: City) -> None:
    ask = {"user": city.operator, "park": city.parks[0], "on": city.today}
    assert [item.url for item in queries.list_attention(**ask)] == [page_of(city)]
    city.hand_in()
    assert queries.list_attention(**ask) == []


def test_a_round_of_tomorrow_shows_to_no_park_yet(city: City) -> None:
    later = city.prepare(opens_on=city.today + timedelta(days=1))
    services.open_round(data_round=later, actor=city.bureau, at=city.now)
    assert sign_in(city.operator).get(f"/parks/{city.parks[0].pk}/rounds/{later.pk}/").status_code == 404
    with pytest.raises(services.CannotSubmit, match="not open yet"):
        city.fill(answer=later.submissions.get(park=city.parks[0]))


def test_a_draft_is_kept_with_thousands_as_people_type_them(city: City) -> None:
    client = sign_in(city.operator)
    assert client.get(page_of(city)).status_code == 200
    # As they stand in other people's tables: full-width digits, separators, 万, a unit beside the number.
    people = {
        "value-total_kwh": "３,456,789",
        "value-leased_area_m2": "0.8123 万 m²",
        "value-total_output_wan": "5.1亿元",
    }
    sent = client.post(page_of(city), {**typed(**people), "do": "save"})
    assert sent.status_code == 302
    city.answer.refresh_from_db()
    assert city.answer.state == Submission.State.DRAFT and city.answer.given_count == 5
    assert city.answer.first_opened_at is not None
    kept = dict(city.answer.entries.values_list("fact_key", "value"))
    assert (kept["total_kwh"], kept["leased_area_m2"], kept["total_output_wan"]) == (3_456_789, 8_123, 51_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.2万", "“1.2万” is not clear: the column is in 10k yuan."),
        ("12,5O0", "“12,5O0” has a letter in it. Is 12,500 meant?"),
        ("about 9", "“about 9” is not a number."),
        ("12 t", "“12 t” is not in 10k yuan."),
    ],
)
def test_what_is_no_number_is_named_and_nothing_is_kept(city: City, text: str, said: str) -> None:
    sent = sign_in(city.operator).post(page_of(city), {**typed(**{"value-total_tax_wan": text}), "do": "submit"})
    assert sent.status_code == 422
    assert said in sent.content.decode() and text in sent.content.decode()
    assert "51234" in sent.content.decode()
    city.answer.refresh_from_db()
    assert city.answer.state == Submission.State.ASKED and not city.answer.entries.exists()


def test_a_part_above_its_whole_is_named_at_its_field_and_nothing_is_handed_in(city: City) -> None:
    sent = sign_in(city.operator).post(page_of(city), {**typed(**{"value-leased_area_m2": "9999"}), "do": "submit"})
    assert sent.status_code == 422
    assert "9,999 m², more than" in sent.content.decode()
    city.answer.refresh_from_db()
    assert city.answer.state == Submission.State.ASKED and not city.answer.entries.exists()


def test_handing_in_keeps_the_hints_and_never_blocks_for_them(city: City) -> None:
    done = city.hand_in({**VALUES, "total_tax_wan": None, "total_kwh": 5.0e6})
    assert done.state == Submission.State.SUBMITTED
    assert {f.kind for f in done.findings.all()} == {Finding.Kind.MISSING}
    assert done.finding_count == 1


def test_a_second_handing_in_is_refused(city: City) -> None:
    city.hand_in()
    with pytest.raises(services.CannotSubmit, match="handed in already"):
        city.fill()


def test_another_operator_and_the_bureau_write_nothing_into_an_answer(city: City) -> None:
    assert sign_in(city.stranger).get(page_of(city)).status_code == 404
    assert sign_in(city.bureau).post(page_of(city), typed()).status_code == 403
    assert sign_in(make_user(Role.ASSESSOR, city.operators[0])).post(page_of(city), typed()).status_code == 403
    with pytest.raises(services.CannotSubmit):
        services.submit(submission=city.answer, actor=city.stranger, at=city.now)


def test_a_return_names_the_fact_and_the_park_mends_it(city: City) -> None:
    city.hand_in()
    address = f"/city/rounds/{city.round.pk}/parks/{city.parks[0].pk}/"
    client = sign_in(city.bureau)
    assert client.post(address, {"do": "return"}).status_code == 422
    assert client.post(address, {"do": "return", "objection-total_tax_wan": "按完税证明填"}).status_code == 302
    city.answer.refresh_from_db()
    assert city.answer.state == Submission.State.RETURNED
    assert "按完税证明填" in sign_in(city.operator).get(page_of(city)).content.decode()
    mended = city.hand_in({**VALUES, "total_tax_wan": 2_400.0})
    assert mended.state == Submission.State.SUBMITTED
    assert not mended.entries.exclude(objection="").exists()


def test_an_accepted_answer_is_declared_by_who_handed_it_in_and_leaves_what_was_verified(city: City) -> None:
    period = {"starts_on": date(city.today.year - 1, 1, 1), "ends_on": date(city.today.year, 1, 1)}
    Verification.objects.create(
        park=city.parks[0],
        fact_key="total_tax_wan",
        value=2_000.0,
        verified_by=make_user(Role.ASSESSOR),
        verified_at=city.now,
        **period,
    )
    city.hand_in()
    assert services.accept_submissions(submissions=[city.answer], actor=city.bureau, at=city.now) == 1
    declared = Declaration.objects.filter(park=city.parks[0])
    assert {one.fact_key: one.value for one in declared} == VALUES
    assert {one.declared_by for one in declared} == {city.operator}
    assert all("Yearly round" in one.note or "年度填报" in one.note for one in declared)
    assert Verification.objects.get().value == 2_000.0
    sheet = queries.get_submission_sheet(submission=city.answer, on=city.today)
    assert len(sheet.lines) == 5
    assert AuditEvent.objects.filter(code="portfolio.submission.accepted", actor=city.bureau).count() == 1


def test_only_handed_in_answers_of_an_open_round_are_accepted_and_by_the_bureau_alone(city: City) -> None:
    with pytest.raises(services.CannotDecide, match="has not handed in"):
        services.accept_submissions(submissions=[city.answer], actor=city.bureau, at=city.now)
    city.hand_in()
    with pytest.raises(services.CannotDecide):
        services.accept_submissions(submissions=[city.answer], actor=city.operator, at=city.now)
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)
    with pytest.raises(services.CannotDecide, match="not open"):
        services.accept_submissions(submissions=[city.answer], actor=city.bureau, at=city.now)
    assert not Declaration.objects.exists()


def test_all_answers_without_hints_are_accepted_at_once(city: City) -> None:
    others = list(city.round.submissions.exclude(pk=city.answer.pk))
    city.hand_in()
    city.hand_in({key: value * 1.37 + 11 for key, value in VALUES.items() if key != "total_kwh"}, answer=others[0])
    sent = sign_in(city.bureau).post(f"/city/rounds/{city.round.pk}/accept-clean/", follow=True)
    assert "1 answer was accepted." in sent.content.decode()
    progress = queries.get_progress(data_round=city.round, on=city.today)
    assert (progress.accepted_count, progress.submitted_count, progress.asked_count) == (1, 1, 4)


def test_the_same_values_of_another_park_are_a_hint_that_names_it_to_the_bureau_alone(city: City) -> None:
    other = city.round.submissions.get(park=city.parks[1])
    city.hand_in(answer=other)
    city.hand_in()
    assert {f.kind for f in city.answer.findings.all()} == {Finding.Kind.COPY}
    bureaus = sign_in(city.bureau).get(f"/city/rounds/{city.round.pk}/parks/{city.parks[0].pk}/").content.decode()
    own = sign_in(city.operator).get(page_of(city)).content.decode()
    assert city.parks[1].name in bureaus and "exactly those of another park" in own
    assert city.parks[1].name not in own


def test_late_means_after_the_last_day_and_the_day_can_be_moved(city: City) -> None:
    after = city.round.due_on + timedelta(days=1)
    assert queries.get_progress(data_round=city.round, on=after).overdue_count == 4
    services.extend_round(data_round=city.round, due_on=after, actor=city.bureau, at=city.now)
    city.round.refresh_from_db()
    assert queries.get_progress(data_round=city.round, on=after).overdue_count == 0
    with pytest.raises(services.CannotRunRound):
        services.extend_round(data_round=city.round, due_on=date(2020, 1, 1), actor=city.bureau, at=city.now)


def test_the_bureau_prepares_a_round_by_its_form_and_wrong_input_is_named(city: City) -> None:
    client = sign_in(city.bureau)
    typed_in = {
        "branch": city.district.pk,
        "name_zh_hans": "半年报",
        "cut_off_on": "2026-06-30",
        "opens_on": str(city.today),
        "due_on": str(city.today + timedelta(days=9)),
        "band_percent": "30",
        "remind_before_days": "7",
        "remind_every_days": "3",
        "least_parks": "3",
        "dominance_percent": "85",
    }
    wrong = client.post("/city/rounds/add/", typed_in)
    assert wrong.status_code == 422 and "Choose at least one fact." in wrong.content.decode()
    sent = client.post("/city/rounds/add/", {**typed_in, "facts": FACTS[:2], "kinds": ["MIXED"]}, follow=True)
    prepared = DataRound.objects.exclude(pk=city.round.pk).get()
    assert prepared.fact_keys == FACTS[:2] and sent.status_code == 200
    assert client.post(f"/city/rounds/{prepared.pk}/open/", follow=True).status_code == 200
    assert prepared.submissions.count() == 4
    assert client.get("/city/rounds/").status_code == 200


def accept_all(city: City) -> None:
    for n, one in enumerate(city.round.submissions.all()):
        city.hand_in({key: value * (1 + n / 10) + n for key, value in VALUES.items()}, answer=one)
    handed = list(city.round.submissions.all())
    services.accept_submissions(submissions=handed, actor=city.bureau, at=city.now)
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)


def test_a_published_table_keeps_small_cells_back_and_stays_as_it_was(city: City) -> None:
    Park.objects.filter(pk=city.parks[0].pk).update(street="粤海街道")
    with pytest.raises(services.CannotRunRound, match="Close the round"):
        services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    accept_all(city)
    first = services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    cells = first.content["cells"]["total_tax_wan"]
    assert cells["all"][0] == 4 and cells["all"][1] == pytest.approx(sum(2_345 * (1 + n / 10) + n for n in range(4)))
    # One park stands behind the street; the other street would give it away and goes too.
    assert cells["street::粤海街道"] == [None, None, None]
    assert cells["street::"][1] is None
    with pytest.raises(services.CannotRunRound, match="Nothing changed"):
        services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)


def test_the_table_is_read_by_the_people_of_the_branch_and_its_parks_alone(city: City) -> None:
    accept_all(city)
    published = services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    address = f"/published/{published.pk}/"
    for reader in (city.bureau, city.operator, city.stranger):
        page = sign_in(reader).get(address)
        assert page.status_code == 200 and "kept back" in page.content.decode()
    outside = make_user(Role.OPERATOR, make_branch(Branch.Kind.OPERATOR))
    assert sign_in(outside).get(address).status_code == 404
    assert "Yearly round" not in sign_in(outside).get("/published/").content.decode()
    text = sign_in(city.operator).get(address, {"format": "csv"}).content.decode()
    assert "All parks" in text and text.count("\n") == 5
    assert sign_in(city.operator).get(address, {"format": "xlsx"}).status_code == 200


def test_reminders_go_once_a_day_to_parks_that_have_not_handed_in(city: City, settings: Any, mailoutbox: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    User.objects.filter(pk=city.operator.pk).update(email="operator@example.com")
    city.hand_in(answer=city.round.submissions.get(park=city.parks[2]))
    assert services.remind_parks(data_round=city.round, actor=city.bureau, at=city.now) == 3
    assert [mail.to for mail in mailoutbox] == [["operator@example.com"]]
    assert services.remind_parks(data_round=city.round, actor=city.bureau, at=city.now) == 0
    with pytest.raises(services.CannotRunRound):
        services.remind_parks(data_round=city.round, actor=city.operator, at=city.now)


@pytest.mark.parametrize(
    ("days", "expected"), [(-8, False), (-7, True), (-6, False), (0, False), (1, True), (2, False), (4, True)]
)
def test_a_round_reminds_by_itself_on_its_days(days: int, expected: bool) -> None:
    one = DataRound(due_on=date(2026, 6, 30), remind_before_days=7, remind_every_days=3)
    assert services.is_reminding_day(data_round=one, on=date(2026, 6, 30) + timedelta(days=days)) is expected


def test_a_slip_of_the_unit_and_a_jump_from_last_year_are_said_in_words(city: City) -> None:
    before = [FactEntry(key, value / 1.5 if key == "leased_area_m2" else value) for key, value in VALUES.items()]
    declare(city, before)
    city.fill({**VALUES, "total_output_wan": 512_340_000.0})
    page = sign_in(city.operator).get(page_of(city)).content.decode()
    assert "is about 10,000 times what is expected" in page
    assert "50% more than" in page and "Say in the remark what changed." in page
    assert {
        (f.kind, f.fact_key) for f in city.hand_in({**VALUES, "total_output_wan": 512_340_000.0}).findings.all()
    } == {
        (Finding.Kind.UNIT, "total_output_wan"),
        (Finding.Kind.CHANGE, "leased_area_m2"),
        (Finding.Kind.SAME, ""),
    }


def declare(city: City, entries: list[FactEntry]) -> None:
    on = city.round.cut_off_on.replace(year=city.round.cut_off_on.year - 1)
    declare_facts(park=city.parks[0], entries=entries, cut_off_on=on, actor=city.operator, at=city.now)
