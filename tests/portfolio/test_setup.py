"""A park's set-up taken over in others: previewed, never replaced in silence, all or nothing, through pages, terminal and files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from parkbrain.assessment.models import MeasureChange
from parkbrain.assessment.services import change_measure
from parkbrain.billing.models import BillingRules, DunningStep
from parkbrain.billing.services import set_ladder, set_rules
from parkbrain.config.cli import main
from parkbrain.energy.models import EnergyTariff
from parkbrain.energy.services import record_tariffs
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.kernel.taking import setup_parts
from parkbrain.lifecycle.models import Duty
from parkbrain.portfolio import queries, services
from tests.factories import make_branch, make_duty, make_life, make_park, make_user
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db


class World:
    """An operator with a park that is set up, one that is half so, and a stranger's park."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.today = timezone.localdate(self.now)
        self.operator = make_branch()
        self.source, self.target = (make_park(operator=self.operator, name_en=f"Park {n}") for n in "AB")
        self.person = make_user(Role.OPERATOR, self.operator)
        self.other = make_park()
        self.tariff(self.source, "0.9", date(2025, 1, 1))
        set_rules(park=self.source, values={"grace_days": 7, "run_by_day": 9}, actor=None, at=self.now)
        steps = [{"days_overdue": days, "name_zh_hans": f"催缴 {days}"} for days in (5, 20)]
        set_ladder(park=self.source, steps=steps, actor=None, at=self.now)
        set_ladder(park=self.target, steps=[{"days_overdue": 5, "name_zh_hans": "电话"}], actor=None, at=self.now)
        set_ladder(
            park=self.target,
            steps=[{"days_overdue": 5, "name_zh_hans": "电话"}, {"days_overdue": 60, "name_zh_hans": "律师函"}],
            actor=None,
            at=self.now,
        )
        change_measure(
            park=self.source, measure_id="positioning_study", cost_yuan=Decimal(120000), months=5, success=None,
            is_off=False, note="quote", actor=None, at=self.now,
        )  # fmt: skip
        make_duty(subject=make_life(park=self.source), code="own", template_key="", name_zh_hans="自定", is_gate=True)

    def tariff(self, park: Park, price: str, starts_on: date) -> None:
        row = {"energy_kind": "WATER", "rates": {"method": "flat", "price": price}, "starts_on": starts_on}
        record_tariffs(park=park, rows=[row], actor=None, at=self.now)

    def asked(self, **changes: Any) -> dict[str, Any]:
        rows = queries.read_setup(park=self.source, on=self.today, actor=self.person)
        return {
            "rows": rows, "modes": dict.fromkeys(("energy.tariffs", "billing.ladder"), queries.ADD),
            "targets": [self.target], "starts_on": self.today, "actor": self.person, "at": self.now, **changes,
        }  # fmt: skip

    def take(self, **changes: Any) -> Any:
        return services.take_setup(**self.asked(**changes), source=self.source.code)


@pytest.fixture
def world() -> Iterator[World]:
    with override("en"):
        yield World()


def sign_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def ladder(park: Park) -> list[tuple[int, str]]:
    return list(
        DunningStep.objects.filter(park=park).order_by("days_overdue").values_list("days_overdue", "name_zh_hans")
    )


def test_preview_says_what_would_happen_and_writes_nothing(world: World) -> None:
    events = AuditEvent.objects.count()
    plan = services.preview_setup(**world.asked())[0]
    tariffs, steps = plan.parts
    assert len(tariffs.added) == 1 and not plan.has_problems
    assert [row.values["days_overdue"] for row in steps.added] == [20]
    assert [(row.fields[0].old, row.fields[0].new) for row in steps.kept] == [("电话", "催缴 5")]
    assert len(steps.only_there) == 1 and "律师函" in steps.only_there[0]
    assert not EnergyTariff.objects.filter(park=world.target).exists()
    assert ladder(world.target) == [(5, "电话"), (60, "律师函")]
    assert AuditEvent.objects.count() == events


def test_adding_leaves_what_is_there_and_replacing_says_so(world: World) -> None:
    world.take()
    assert ladder(world.target) == [(5, "电话"), (20, "催缴 20"), (60, "律师函")]
    assert EnergyTariff.objects.get(park=world.target).starts_on == world.today
    events = AuditEvent.objects.filter(code="portfolio.setup.taken", park=world.target, actor=world.person)
    assert {event.details["part"]: event.details["added"] for event in events} == {
        "energy.tariffs": 1,
        "billing.ladder": 1,
    }
    world.take(modes={"billing.ladder": queries.REPLACE})
    assert ladder(world.target) == [(5, "催缴 5"), (20, "催缴 20"), (60, "律师函")]
    assert events.all().count() == 3
    world.take(modes={"billing.ladder": queries.REPLACE})
    assert events.all().count() == 3, "what is already so is no event"


def test_dated_part_is_replaced_from_the_day_and_its_past_stays(world: World) -> None:
    world.tariff(world.target, "0.5", date(2024, 1, 1))
    world.take()
    assert EnergyTariff.objects.get(park=world.target).ends_on is None, "only what is missing is added"
    day = world.today + timedelta(days=30)
    world.take(modes={"energy.tariffs": queries.REPLACE}, starts_on=day)
    old, new = EnergyTariff.objects.filter(park=world.target).order_by("starts_on")
    assert (old.ends_on, new.starts_on, new.ends_on) == (day, day, None)


def test_refusal_of_one_row_leaves_nothing_of_any(world: World) -> None:
    modes = dict.fromkeys(("billing.ladder", "lifecycle.duties"), queries.ADD)
    plan = services.preview_setup(**world.asked(modes=modes))[0]
    assert plan.has_problems and "life cycle" in plan.parts[1].problems[0].problem
    with pytest.raises(services.CannotTakeSetup, match="nothing was changed"):
        world.take(modes=modes)
    assert ladder(world.target) == [(5, "电话"), (60, "律师函")]
    subject = make_life(park=world.target)
    world.take(modes=modes)
    assert Duty.objects.get(subject=subject, code="own").is_gate


def test_nothing_is_taken_into_parks_that_the_person_does_not_keep(world: World) -> None:
    with pytest.raises(services.CannotTakeSetup) as refusal:
        world.take(targets=[world.other])
    assert all(part.refusal for part in refusal.value.plans[0].parts)
    assert not DunningStep.objects.filter(park=world.other).exists()
    with pytest.raises(services.CannotTakeSetup, match="no part"):
        world.take(modes={"energy.prices": queries.ADD})


def test_every_part_reads_and_takes_its_own_rows(world: World) -> None:
    rows = queries.read_setup(park=world.source, on=world.today, actor=world.person)
    assert set(rows) == set(setup_parts.keys())
    for part in setup_parts:
        fields = {column.field for column in part.columns}
        assert all(set(row) == fields for row in rows[part.key]), part.key
        assert set(part.identity) <= fields
    make_life(park=world.target)
    modes = {key: queries.REPLACE for key, found in rows.items() if found}
    assert {"energy.tariffs", "billing.rules", "billing.ladder", "assessment.measures", "lifecycle.duties"} <= set(
        modes
    )
    world.take(modes=modes)
    again = services.preview_setup(**world.asked(modes=modes))[0]
    assert again.taken_count == 0, "what was taken over reads the same"
    assert BillingRules.objects.get(park=world.target).grace_days == 7
    assert MeasureChange.objects.get(park=world.target).cost_yuan == Decimal(120000)


def test_page_previews_takes_over_and_keeps_what_was_typed(world: World) -> None:
    client, address = sign_in(world.person), f"/parks/{world.source.pk}/set-up/copy/"
    typed = {"parks": [world.target.pk], "starts_on": world.today.isoformat(), "part-billing.ladder": "add"}
    empty = client.post(address, {**typed, "part-billing.ladder": "", "do": "preview"})
    assert empty.status_code == 422 and "Choose at least one part." in empty.content.decode()
    foreign = client.post(address, {**typed, "codes": world.other.code, "do": "preview"})
    assert foreign.status_code == 422 and f"no park {world.other.code}" in foreign.content.decode()
    shown = client.post(address, {**typed, "do": "preview"})
    assert shown.status_code == 200 and "催缴 20" in shown.content.decode()
    assert len(ladder(world.target)) == 2
    done = client.post(address, {**typed, "do": "take"}, follow=True)
    assert "1 added, 0 replaced" in done.content.decode() and len(ladder(world.target)) == 3
    refused = client.post(address, {**typed, "part-lifecycle.duties": "add", "do": "take"})
    assert refused.status_code == 422 and "nothing was changed" in refused.content.decode()
    assert sign_in(make_user(Role.BUREAU, world.operator)).get(address).status_code == 403
    assert sign_in(make_user(Role.OPERATOR, make_branch())).get(address).status_code == 404


def test_file_holds_the_set_up_and_is_read_again_as_it_was(world: World) -> None:
    text = services.write_setup(park=world.source, on=world.today, actor=world.person)
    assert "催缴 20" in text
    read = services.read_setup_file(text=text)
    plan = services.preview_setup(
        **world.asked(rows=read, modes=dict.fromkeys(read, queries.ADD), targets=[world.source])
    )[0]
    assert plan.taken_count == 0 and not any(part.kept for part in plan.parts)


def sent(text: str | bytes, name: str = "set-up.yaml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def test_page_hands_the_set_up_out_and_takes_it_into_another_park_after_a_look(world: World) -> None:
    client = sign_in(world.person)
    handed = client.get(f"/parks/{world.source.pk}/set-up/download/")
    assert f"set-up-{world.source.code}-{world.today}.yaml" in handed["Content-Disposition"]
    text, address = handed.content.decode(), f"/parks/{world.target.pk}/set-up/file/"
    assert services.read_setup_file(text=text)["billing.ladder"]
    make_life(park=world.target)
    events = AuditEvent.objects.count()
    look = client.post(address, {"file": sent(text)})
    assert look.status_code == 200 and "催缴 20" in look.content.decode()
    assert len(ladder(world.target)) == 2 and AuditEvent.objects.count() == events, "a look changes nothing"
    typed = {field.html_name: field.value() for field in look.context["form"]}
    typed["part-billing.ladder"] = "replace"
    done = client.post(address, {**typed, "do": "take"}, follow=True)
    assert done.redirect_chain and "of set-up.yaml: 1 added, 1 replaced" in done.content.decode()
    assert ladder(world.target) == [(5, "催缴 5"), (20, "催缴 20"), (60, "律师函")]
    taken = AuditEvent.objects.filter(code="portfolio.setup.taken", park=world.target, actor=world.person)
    assert {event.details["source"] for event in taken} == {"set-up.yaml"} and taken.count() >= 4


def test_page_of_a_file_refuses_by_row_and_keeps_what_was_typed(world: World) -> None:
    client, address = sign_in(world.person), f"/parks/{world.target.pk}/set-up/file/"
    text = services.write_setup(park=world.source, on=world.today, actor=world.person)
    look = client.post(address, {"file": sent(text)})
    assert "life cycle" in look.content.decode() and not look.context["may_take"]
    typed = {field.html_name: field.value() for field in look.context["form"]}
    refused = client.post(address, {**typed, "do": "take"})
    assert refused.status_code == 422 and "nothing was changed" in refused.content.decode()
    assert ladder(world.target) == [(5, "电话"), (60, "律师函")]
    assert refused.context["form"]["text"].value() == text
    empty = client.post(address, {**typed, **dict.fromkeys((k for k in typed if k.startswith("part-")), "")})
    assert empty.status_code == 422 and "Choose at least one part." in empty.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\xff\xfe\x00PK", "no text in UTF-8"),
        (b"a: [", "The file is no YAML."),
        (b"parts: 3", "no set-up of version 1"),
        (b"{parkbrain_setup: 1, parts: {billing.ladder: [{days_overdue: x}]}}", "parts.billing.ladder[0].days_overdue"),
        (b"#" * 1_000_001, "too large to be a set-up"),
    ],
)
def test_page_says_what_is_wrong_with_a_file(world: World, content: bytes, message: str) -> None:
    answer = sign_in(world.person).post(f"/parks/{world.target.pk}/set-up/file/", {"file": sent(content)})
    assert answer.status_code == 422 and message in answer.content.decode()
    assert not AuditEvent.objects.filter(code="portfolio.setup.taken").exists()


def test_set_up_files_are_of_whoever_keeps_the_record(world: World) -> None:
    addresses = [f"/parks/{world.target.pk}/set-up/{name}/" for name in ("file", "download", "copy")]
    reader, stranger = make_user(Role.BUREAU, world.operator), make_user(Role.OPERATOR, make_branch())
    assert [sign_in(reader).get(address).status_code for address in addresses] == [403] * 3
    assert [sign_in(stranger).get(address).status_code for address in addresses] == [404] * 3
    text = services.write_setup(park=world.source, on=world.today, actor=world.person)
    assert sign_in(reader).post(addresses[0], {"file": sent(text)}).status_code == 403
    assert sign_in(world.person).post(addresses[1]).status_code == 405


def test_set_up_pages_need_the_same_statements_at_any_size(world: World) -> None:
    client = sign_in(world.person)
    for name in ("copy", "file"):
        client.get(f"/parks/{world.source.pk}/set-up/{name}/")
    with pinned_queries("portfolio.setup.copy"):
        assert client.get(f"/parks/{world.source.pk}/set-up/copy/").status_code == 200
    with pinned_queries("portfolio.setup.file"):
        assert client.get(f"/parks/{world.source.pk}/set-up/file/").status_code == 200
    for _n in range(8):
        make_park(operator=world.operator)
    steps = [{"days_overdue": days, "name_zh_hans": f"催缴 {days}"} for days in range(5, 60, 5)]
    set_ladder(park=world.source, steps=steps, actor=None, at=world.now)
    with pinned_queries("portfolio.setup.copy"):
        assert client.get(f"/parks/{world.source.pk}/set-up/copy/").status_code == 200
    with pinned_queries("portfolio.setup.download"):
        assert client.get(f"/parks/{world.source.pk}/set-up/download/").status_code == 200


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("a: [", "", "no YAML"),
        ("[]", "parkbrain_setup", "no set-up"),
        ("{parkbrain_setup: 1, parts: {x.y: []}}", "parts.x.y", "no such part"),
        ("{parkbrain_setup: 1, parts: {billing.rules: 3}}", "parts.billing.rules", "list of rows"),
        (
            "{parkbrain_setup: 1, parts: {billing.rules: [{least_days_to_pay: 5, grace_days: many, run_by_day: 3}]}}",
            "parts.billing.rules[0].grace_days",
            "whole number",
        ),
        (
            "{parkbrain_setup: 1, parts: {billing.rules: [{least_days_to_pay: 5, grace_days: 1, run_by_day: 30}]}}",
            "parts.billing.rules[0].run_by_day",
            "between 1 and 28",
        ),
        (
            "{parkbrain_setup: 1, parts: {energy.rules: [{energy_kind: STEAMY, public_by: AREA, loss_by: USE}]}}",
            "parts.energy.rules[0].energy_kind",
            "none of",
        ),
        ("{parkbrain_setup: 1, parts: {energy.rules: [{colour: red}]}}", "parts.energy.rules[0].colour", "no such field"),
        ("{parkbrain_setup: 1, parts: {billing.ladder: [{days_overdue: 5}, {days_overdue: 5}]}}",
         "parts.billing.ladder[1]", "twice"),
    ],
)  # fmt: skip
def test_wrong_file_is_told_by_path_and_value(world: World, text: str, path: str, message: str) -> None:
    with pytest.raises(services.WrongSetupFile) as wrong:
        services.read_setup_file(text=text)
    assert wrong.value.problems[0].path == path or path in {one.path for one in wrong.value.problems}
    assert message in str(wrong.value)


def test_terminal_copies_writes_and_reads(world: World, tmp_path: Path) -> None:
    make_user(Role.ADMINISTRATOR, world.operator, username="chief")
    run = CliRunner()
    codes = [world.source.code, world.target.code]
    trial = run.invoke(main, ["copy-setup", *codes, "--parts", "billing.ladder", "--dry-run", "--as", "chief"])
    assert trial.exit_code == 0 and "1 added" in trial.output and len(ladder(world.target)) == 2, trial.output
    done = run.invoke(main, ["copy-setup", *codes, "--parts", "billing.ladder", "--as", "chief"])
    assert done.exit_code == 0 and len(ladder(world.target)) == 3
    path = tmp_path / "set-up.yaml"
    assert run.invoke(main, ["setup-export", world.source.code, str(path), "--as", "chief"]).exit_code == 0
    refused = run.invoke(main, ["setup-import", world.target.code, str(path), "--as", "chief"])
    assert refused.exit_code == 1 and "parts.lifecycle.duties[0]" in refused.output
    assert not EnergyTariff.objects.filter(park=world.target).exists()
    day = ["--replace-from", "2027-01-01", "--parts", "energy.tariffs,billing.rules"]
    assert run.invoke(main, ["setup-import", world.target.code, str(path), *day, "--as", "chief"]).exit_code == 0
    assert EnergyTariff.objects.get(park=world.target).starts_on == date(2027, 1, 1)
    path.write_text("parts: 3")
    assert "no set-up" in run.invoke(main, ["setup-import", world.target.code, str(path), "--as", "chief"]).output
