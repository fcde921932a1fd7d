"""A rolled-back import leaves no trace but its audit, and refuses where something was built upon it since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.assessment.models import Rating
from parkbrain.config.cli_data import import_
from parkbrain.enterprises.models import Enterprise, Qualification
from parkbrain.intake import services
from parkbrain.intake.models import Batch, Origin, WrittenRow
from parkbrain.intake.queries import get_rollback_plan, list_origins
from parkbrain.kernel import taking
from parkbrain.kernel.models import AuditEvent, Job, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_occupancy, make_user

from .whole import FIRM, ROWS, Take, ratings, record, sheets

LATER = AT + timedelta(hours=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_every_importable_thing_has_rows_here() -> None:
    # Drawings, and tables about many parks, have tests of their own.
    assert set(ROWS) == {t.key for t in taking.takers if not t.is_drawn and not t.about_parks}


def test_new_park_goes_with_everything_that_came_with_it(take: Take, clerk: User) -> None:
    before = record()
    batch = take(sheets())
    assert Park.objects.filter(code="ROLL-1").exists()
    assert Rating.objects.exists()
    written = batch.written_rows.count()
    done = services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before
    assert not Rating.objects.exists()
    assert (done.state, done.park, done.rolled_back_at) == (Batch.State.ROLLED_BACK, None, LATER)
    assert not WrittenRow.objects.exists()
    events = AuditEvent.objects.filter(code__startswith="intake.", at=LATER)
    assert set(events.values_list("code", flat=True)) == {"intake.batch.rolled_back", "intake.row.removed"}
    assert events.get(code="intake.batch.rolled_back").details == {"removed": written, "restored": 0}


CHANGED: Mapping[str, list[list[Any]]] = {
    "park": [ROWS["park"][0], ["ROLL-1", "改名园", "RND", 31_000]],
    "buildings": [["code", "name_zh_hans", "use"], ["A", "甲座", "RND"], ["B", "B 座", "OFFICE"]],
    "storeys": [ROWS["storeys"][0], ["A", 1, 5100], ["A", -1, 900]],
    "premises": [ROWS["premises"][0], ["A-1", "A", 2, "LAB", 310], ["A-3", "A", 1, "RND", 9]],
    "enterprises": [["uscc", "name_zh_hans", "industry_code"], [FIRM, "改名公司", "3911"]],
    "returns": [ROWS["returns"][0], [FIRM, 2025, 9000, 99_000], [FIRM, 2024, 70, 10]],
    "qualifications": [
        ["uscc", "kind", "valid_from_on", "number"],
        [FIRM, "HNTE", "2024-12-01", "G-7"],
        [FIRM, "SRDI", "2025-01-01", ""],
    ],
    "addresses": [
        ["uscc", "kind", "text", "starts_on"],
        [FIRM, "REGISTERED", "二路 2 号", "2024-01-01"],
        [FIRM, "TAXED", "x", "2024-01-01"],
    ],
    "occupancies": [
        ["premises_code", "uscc", "starts_on", "ends_on"],
        ["A-1", FIRM, "2024-03-01", "2025-03-01"],
        ["A-1", FIRM, "2025-03-01", ""],
    ],
    "facts": [
        ["fact_key", "value", "cut_off_on"],
        ["green_cover_m2", 9500, "2026-06-30"],
        ["satisfaction_score", 90, "2026-06-30"],
    ],
    "points": [ROWS["points"][0], ["E-1", "REGISTER", "KiloW-HR", 80, "2025-01-01"], ["E-3", "GAUGE", "KiloW", "", ""]],
    "meters": [
        ROWS["meters"][0],
        ["E-1", "ELECTRICITY", "1", "E-2", "", "A", "2025-01-01"],
        ["E-2", "ELECTRICITY", "3", "E-1", "E-3", "A", "2025-01-01"],
        ["E-3", "ELECTRICITY", "2", "", "E-1", "A", "2025-01-01"],
    ],
    "metering_needs": [
        ROWS["metering_needs"][0],
        ["AL-1", "总箱", "ELECTRICITY", "3", 90, ""],
        ["AL-2", "照明箱", "ELECTRICITY", "3", "", "E-2"],
    ],
    "sharing_rules": [
        ROWS["sharing_rules"][0],
        ["ELECTRICITY", "2025-01-01", "HEADS", "USE", ""],
        ["ELECTRICITY", "2026-01-01", "FIXED", "NONE", f"{FIRM} 1"],
    ],
    "energy_tariffs": [
        ROWS["energy_tariffs"][0],
        ["ELECTRICITY", "2025-01-01", 0.71],
        ["ELECTRICITY", "2026-01-01", 0.75],
    ],
    "projects": [
        ROWS["projects"][0],
        ["PR-1", "上楼改造二期", "UPSTAIRS", "A", 950],
        ["PR-2", "宿舍改造", "CONVERSION", "", ""],
    ],
    "duties": [
        ROWS["duties"][0],
        ["PARK", "", "evacuation_plan", "2027-01-31", "PROPERTY", "新物业公司", "2026-01-01"],
        ["PARK", "", "hazard_ledger", "2027-01-31", "PROPERTY", "新物业公司", "2026-01-01"],
    ],
    "equipment": [
        ROWS["equipment"][0],
        ["PU-1", "PUMP", "A", 2, 90, "IE4", ""],
        ["PU-2", "PUMP", "A", 1, 5, "IE2", ""],
    ],
    "commitments": [ROWS["commitments"][0], [FIRM, 2025, 9000, 310, ""], [FIRM, 2024, 7000, "", ""]],
    "lease_register": [
        ["number", "uscc", "starts_on", "ends_on", "months_per_bill", "remark"],
        ["ZY-2", FIRM, "2027-03-01", "2031-03-01", 1, "续租四年"],
        ["ZY-3", FIRM, "2031-03-01", "2032-03-01", "", ""],
    ],
    "lease_premises": [
        ROWS["lease_premises"][0],
        ["ZY-2", 1, "A-1", 810],
        ["ZY-2", 1, "A-2", 200.5],
    ],
    "lease_clauses": [
        ROWS["lease_clauses"][0],
        ["ZY-2", 1, 1, "RENT", 61, "", "", "", ""],
        ["ZY-2", 1, 2, "RISE", "", "", 4, "", ""],
        ["ZY-2", 1, 3, "PROPERTY_FEE", 8.5, "DAY", "", "", ""],
    ],
    "lease_turnover": [
        ROWS["lease_turnover"][0],
        ["ZY-1", "2025-01-01", "2025-04-01", 1300000],
        ["ZY-1", "2025-04-01", "2025-07-01", 9],
    ],
    "index_values": [ROWS["index_values"][0], ["CPI", "2026-01-01", 101.3], ["CPI", "2026-02-15", 101.4]],
    "lease_deposits": [
        ROWS["lease_deposits"][0],
        ["ZY-1", 2, "", 5000, "2025-03-01", "补充"],
        ["ZY-2", 1, 3, "", "2027-03-01", ""],
    ],
    "lease_guarantees": [
        ROWS["lease_guarantees"][0],
        ["ZY-1", 1, "BANK", "某银行深圳分行", 160000, "2024-03-01", "2028-06-01"],
        ["ZY-2", 1, "PARENT", "母公司", "", "", ""],
    ],
    "lease_documents": [
        ROWS["lease_documents"][0],
        ["ZY-1", 1, "SIGNED", "厂房租赁合同", "2024-02-02", "宝安 2024-18", 1],
        ["ZY-2", 1, "OTHER", "意向书", "", "", ""],
    ],
    "deposit_entries": [
        ROWS["deposit_entries"][0],
        [FIRM, "2025-04-05", "TOPPED_UP", "", 3600, "", ""],
        [FIRM, "2025-05-05", "REFUNDED", "", 100.5, "", "多收"],
    ],
    "leads": [
        ROWS["leads"][0],
        ["XS-1", "意向企业甲", "WEB", "2026-01-05", "2026-01-12", 800, "否"],
        ["XS-2", "意向企业乙", "FAIR", "2026-02-05", "", "", ""],
    ],
    "activity_data": [
        ROWS["activity_data"][0],
        ["DI-1", "diesel", 13, "2025-01-01", "2026-01-01", "A", ""],
        ["DI-2", "diesel", 1, "2026-01-01", "2026-02-01", "", ""],
    ],
    "refrigerant_log": [
        ROWS["refrigerant_log"][0],
        ["RF-1", "2025-03-12", "r410a", "TOP_UP", 4, "A"],
        ["RF-2", "2025-05-12", "r410a", "LEAK", 1, ""],
    ],
    "green_power": [
        ROWS["green_power"][0],
        ["GEC-1", "CERTIFICATE", 6000, "2025-01-01", "2026-01-01"],
        ["GEC-2", "CONTRACT", 7, "2025-01-01", "2026-01-01"],
    ],
    "exchange_offers": [
        ROWS["exchange_offers"][0],
        [FIRM, "OFFER", "WASTE_HEAT", "热水", "MJ", 8000, "2025-01-01"],
        [FIRM, "NEED", "PACKAGING", "纸箱", "kg", 8, "2025-01-01"],
    ],
}


@pytest.mark.parametrize("key", [*CHANGED, "all"])
def test_changed_rows_get_their_old_values_and_new_ones_go(take: Take, clerk: User, key: str) -> None:
    take(sheets())
    before, rated = record(), ratings()
    chosen = CHANGED if key == "all" else {"park": ROWS["park"], key: CHANGED[key]}
    batch = take(sheets(**{k: chosen.get(k) for k in ROWS}), at=LATER)
    assert record() != before
    # What is booked is never changed by a file: there the new rows are all.
    assert batch.report["counts"]["update" if key != "deposit_entries" else "create"] >= 1
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before
    assert ratings() == rated


def test_import_that_changed_nothing_can_be_rolled_back_too(take: Take, clerk: User) -> None:
    take(sheets())
    before = record()
    batch = take(sheets(), at=LATER)
    assert batch.change_count == 0
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before


def test_rolled_back_batch_is_no_longer_a_source_but_stays_in_the_history(take: Take, clerk: User) -> None:
    take(sheets())
    park = Park.objects.get(code="ROLL-1")
    second = take({"park": CHANGED["park"]}, at=LATER)

    def sources() -> set[int]:
        return {o.batch_id for o in list_origins(target_label="kernel.park", target_id=park.pk)}

    assert second.pk in sources()
    services.roll_back_batch(batch=second, actor=clerk, at=LATER)
    assert second.pk not in sources()
    assert Origin.objects.filter(batch=second).exists()


def test_the_same_file_can_be_taken_in_again_after_a_rollback(take: Take, clerk: User) -> None:
    first = take(sheets())
    rows = first.report["counts"]
    services.roll_back_batch(batch=first, actor=clerk, at=AT)
    assert take(sheets(), at=LATER).report["counts"] == rows


def refused(batch: Batch, actor: User) -> str:
    before = record()
    with pytest.raises(services.CannotRollBackBatch) as refusal:
        services.roll_back_batch(batch=batch, actor=actor, at=LATER)
    assert record() == before
    assert Batch.objects.get(pk=batch.pk).state == batch.state
    return str(refusal.value)


def test_value_that_was_changed_since_is_named(take: Take, clerk: User) -> None:
    batch = take(sheets())
    take({"park": ROWS["park"], "premises": [ROWS["premises"][0], ["A-1", "A", 1, "LAB", 500]]}, at=LATER)
    reason = refused(batch, clerk)
    assert "premises A-1 (premises 2)" in reason
    assert "“use” is Laboratory now; the import had set R&D" in reason
    conflict = get_rollback_plan(batch=batch).conflicts[0]
    assert (conflict.by, conflict.at) == (str(clerk), LATER)


def test_firm_that_another_import_uses_stays(take: Take, clerk: User) -> None:
    batch = take({key: ROWS[key] for key in ("park", "enterprises")})
    make_occupancy(enterprise=Enterprise.objects.get(uscc=FIRM))
    reason = refused(batch, clerk)
    assert "回退公司" in reason
    assert "occupancy" in reason


def test_row_that_another_import_added_to_a_row_of_this_one_stands_in_the_way(take: Take, clerk: User) -> None:
    first = take(sheets())
    second = take({"park": ROWS["park"], "returns": CHANGED["returns"]}, at=LATER)
    assert "yearly return" in refused(first, clerk)
    services.roll_back_batch(batch=second, actor=clerk, at=LATER)
    services.roll_back_batch(batch=first, actor=clerk, at=LATER)
    assert not Park.objects.exists()
    assert not Enterprise.objects.exists()


def test_removed_row_stands_in_the_way(take: Take, clerk: User) -> None:
    batch = take(sheets())
    Qualification.objects.all().delete()
    assert "removed since" in refused(batch, clerk)


def test_frozen_rating_of_the_new_park_stands_in_the_way(take: Take, clerk: User) -> None:
    from parkbrain.assessment.services import freeze_rating

    batch = take(sheets())
    park = Park.objects.get(code="ROLL-1")
    freeze_rating(park=park, scheme_id="five-star-reference", cut_off_on=AT.date(), title="x", actor=None, at=AT)
    assert "rating" in refused(batch, clerk)


def test_value_put_back_by_hand_is_no_conflict(take: Take, clerk: User) -> None:
    take(sheets())
    before = record()
    batch = take({"park": CHANGED["park"]}, at=LATER)
    take({"park": [ROWS["park"][0], ["ROLL-1", "改名园", "RND", 30_000]]}, at=LATER)
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before


def test_only_an_applied_batch_can_be_rolled_back(take: Take, clerk: User) -> None:
    batch = take(sheets())
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    batch.refresh_from_db()
    assert "applied" in refused(batch, clerk)


def test_only_who_may_change_the_park_rolls_back(take: Take, clerk: User) -> None:
    batch = take(sheets())
    park = Park.objects.get(code="ROLL-1")
    for stranger in (make_user(Role.OPERATOR), make_user(Role.BUREAU, park.branch), make_user(None)):
        assert "ROLL-1" in refused(batch, stranger)
        with pytest.raises(services.CannotRollBackBatch):
            services.find_batch_to_roll_back(batch_id=batch.pk, actor=stranger)


def test_batch_without_a_log_says_so(take: Take, clerk: User) -> None:
    batch = take(sheets())
    WrittenRow.objects.all().delete()
    assert "kept no log" in refused(batch, clerk)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_page_shows_what_will_happen_and_does_it(take: Take, clerk: User) -> None:
    take(sheets())
    before = record()
    batch = take(sheets(**CHANGED), at=LATER)
    browser = browser_of(clerk)
    url = reverse("roll_back_import", args=[batch.pk])
    assert url in browser.get(reverse("import_batch", args=[batch.pk])).content.decode()
    shown = browser.get(url).content.decode()
    for text in (
        "What goes",
        "What gets its old values",
        "What comes back",
        "改名公司",
        "回退公司",
        "Roll back this import",
    ):
        assert text in shown
    assert record() != before
    assert browser.post(url).url == reverse("import_batch", args=[batch.pk])
    assert record() == before
    shown = browser.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert "Rolled back on" in shown
    assert url not in shown
    assert "Only an import that was applied" in browser.get(url, follow=True).content.decode()


def test_plan_is_worked_out_once_for_a_state_of_the_record(
    take: Take, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parkbrain.intake.queries import rollback

    batch = take(sheets())
    made: list[int] = []
    make = rollback._make_plan

    def count(*asked: Any) -> Any:
        made.append(1)
        return make(*asked)

    monkeypatch.setattr(rollback, "_make_plan", count)
    first, again = get_rollback_plan(batch=batch), get_rollback_plan(batch=batch)
    assert (again, len(made)) == (first, 1)
    with override("zh-hans"):
        assert get_rollback_plan(batch=batch).removed[0].kind != first.removed[0].kind
    assert len(made) == 2
    take({"park": ROWS["park"], "returns": [ROWS["returns"][0], [FIRM, 2025, 81, 5200.5]]})
    assert not get_rollback_plan(batch=batch).is_possible
    # Where it is done the plan is made anew: the rows must stay so until the end.
    made.clear()
    with pytest.raises(services.CannotRollBackBatch):
        services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert len(made) == 1


def test_page_names_what_stands_in_the_way_and_refuses(take: Take, clerk: User) -> None:
    batch = take(sheets())
    take({"park": CHANGED["park"]}, at=LATER)
    before = record()
    browser = browser_of(clerk)
    url = reverse("roll_back_import", args=[batch.pk])
    assert "Roll back this import" not in browser.get(url).content.decode()
    answer = browser.post(url)
    assert answer.status_code == 422
    assert "the import had set" in answer.content.decode()
    assert record() == before


def test_page_is_not_there_for_others(take: Take, clerk: User) -> None:
    batch = take(sheets())
    park = Park.objects.get(code="ROLL-1")
    before = record()
    url = reverse("roll_back_import", args=[batch.pk])
    for stranger in (
        make_user(Role.OPERATOR),
        make_user(Role.ASSESSOR, park.branch),
        make_user(Role.BUREAU, park.branch),
    ):
        assert browser_of(stranger).get(url).status_code == 404
        assert browser_of(stranger).post(url).status_code == 404
    assert record().keys() == before.keys()
    assert Park.objects.filter(code="ROLL-1").exists()


def test_large_import_is_rolled_back_by_a_job(
    take: Take, clerk: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    before = record()
    batch = take(sheets())
    monkeypatch.setattr("parkbrain.intake.services.queue.INLINE_ROWS", 3)
    with django_capture_on_commit_callbacks(execute=True):
        services.start_roll_back(batch=batch, actor=clerk, at=LATER)
    batch.refresh_from_db()
    services.run_batch_job.call(job_id=batch.job.pk, batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.job.state, batch.job.reason) == (Batch.State.ROLLED_BACK, Job.State.DONE, "")
    assert record() == before


def test_terminal_rolls_back_and_says_what_it_did(take: Take, clerk: User, monkeypatch: Any) -> None:
    before = record()
    batch = take(sheets())
    runner = CliRunner()
    arguments = ["--rollback", str(batch.pk), "--as", clerk.username, "--json"]
    monkeypatch.setattr("parkbrain.config.cli_serve.prepare_database", lambda: None)
    tried = runner.invoke(import_, [*arguments, "--dry-run"])
    assert Park.objects.filter(code="ROLL-1").exists()
    done = runner.invoke(import_, arguments)
    again = runner.invoke(import_, arguments)
    neither = runner.invoke(import_, [])
    assert json.loads(tried.stdout)["removed"] == json.loads(done.stdout)["removed"] >= len(ROWS)
    assert record() == before
    assert again.exit_code != 0
    assert neither.exit_code == 2
