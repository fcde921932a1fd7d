"""One factory per table, with names that mean something; every date is a parameter or counted from `ON`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from parkbrain.billing.models import BankFile, BankLine, Bill, BillRun, Charge, Deposit, DepositEntry, Payment
from parkbrain.calc.uscc import complete
from parkbrain.carbon.models import ActivityData, EmissionFactor, ExchangeOffer, GreenPower, RefrigerantEvent
from parkbrain.energy.models import EnergyBaseline
from parkbrain.energy.models import Meter as EnergyMeter
from parkbrain.enterprises.models import (
    Enterprise,
    EnterpriseAddress,
    EnterpriseContact,
    EnterpriseDocument,
    EnterpriseReturn,
    Occupancy,
    Qualification,
)
from parkbrain.facilities.models import Equipment
from parkbrain.kernel.models import Branch, Document, Membership, Park, User
from parkbrain.kernel.names import Searchable, name_fields
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import Lead, LeadMove, LeadNeed, Quote, QuotePremises
from parkbrain.lifecycle.models import Assignment, Duty, LifeSubject, Project, StagePeriod
from parkbrain.portfolio.models import DataRound, OperatorGroup, Submission
from parkbrain.space.models import Building, Premises, Site, Space, Storey
from parkbrain.telemetry.models import Point, PointFactor, Source

#: The day on which stories of the tests take place, and a moment in it.
ON = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)

S = TypeVar("S", bound=Searchable)
_numbers = itertools.count(1)


def _searchable(row: S) -> S:
    """Save a new row with its search text, as the services do."""
    row.search_text = row.fresh_search_text()
    row.save()
    return row


def make_branch(kind: str = Branch.Kind.OPERATOR, parent: Branch | None = None, *, code: str = "") -> Branch:
    """Return a new branch below `parent` (a root of its own when None)."""
    # Short: a district's code is also what a park keeps of it, and that column is as long as an administrative code.
    code = code or f"{kind.lower()[:4]}-{next(_numbers)}"
    path = f"{parent.path if parent else '/'}{code}/"
    return Branch.objects.create(
        kind=kind, parent=parent, code=code, path=path, **name_fields(zh_hans=f"机构{code}", en=f"Branch {code}")
    )


def make_user(
    role: str | None,
    branch: Branch | None = None,
    *,
    username: str = "",
    full_name: str = "",
    subject: str = "",
    language: str = "en",
) -> User:
    """Return a person who holds the role in the branch; without a role, a person who may do nothing."""
    full_name = full_name or (str(role) if role else "Nobody")
    user = User(username=username or f"person-{next(_numbers)}", full_name=full_name, language=language)
    user.set_unusable_password()
    user.search_text = user.fresh_search_text()
    user.save()
    if role is not None:
        Membership.objects.create(user=user, branch=branch or make_branch(), role=role, subject=subject)
    return user


def make_tenant_user(enterprise: Enterprise, park: Park) -> User:
    """Return a person who acts for an enterprise in a park."""
    return make_user(Role.TENANT, park.branch, subject=enterprise.uscc)


def make_park(*, operator: Branch | None = None, code: str = "", **fields: Any) -> Park:
    """Return a new park with a branch of its own below the operator's."""
    code = code or f"park-{next(_numbers)}"
    branch = make_branch(Branch.Kind.PARK, operator or make_branch(), code=code)
    fields = {"standing": Park.Standing.OPERATING, **name_fields(zh_hans=f"星河{code}", en=f"Xinghe {code}"), **fields}
    return _searchable(Park(code=code, branch=branch, **fields))


def make_site(*, park: Park | None = None, code: str = "S1", **fields: Any) -> Site:
    """Return a new site of a park."""
    return Site.objects.create(park=park or make_park(), code=code, **fields)


def make_building(*, park: Park | None = None, site: Site | None = None, code: str = "", **fields: Any) -> Building:
    """Return a new building on the park's first site."""
    if site is None:
        park = park or make_park()
        site = park.sites.first() or make_site(park=park)
    code = code or f"B{next(_numbers)}"
    return _searchable(
        Building(site=site, code=code, **{**name_fields(zh_hans=f"{code}栋", en=f"Block {code}"), **fields})
    )


def make_storey(*, building: Building | None = None, level: int = 1, **fields: Any) -> Storey:
    """Return a storey of a building."""
    return Storey.objects.create(
        building=building or make_building(), level=level, **{"gross_floor_area_m2": 2000.0, "height_m": 4.5, **fields}
    )


def make_premises(
    *,
    park: Park | None = None,
    building: Building | None = None,
    level: int = 1,
    code: str = "",
    area_m2: float = 500.0,
    use: str = Premises.Use.PRODUCTION,
    **fields: Any,
) -> Premises:
    """Return premises of one space on a storey."""
    if building is None:
        building = (park and Building.objects.filter(site__park=park).first()) or make_building(park=park)
    storey = building.storeys.filter(level=level).first() or make_storey(building=building, level=level)
    code = code or f"P{next(_numbers)}"
    premises = Premises.objects.create(
        park=building.site.park, building=building, code=code, use=use, billing_area_m2=area_m2, **fields
    )
    Space.objects.create(storey=storey, premises=premises, code=code, gross_area_m2=area_m2)
    return premises


def make_enterprise(*, uscc: str = "", **fields: Any) -> Enterprise:
    """Return a firm with a valid credit code."""
    number = next(_numbers)
    uscc = uscc or complete(f"91440300MA5{number:06d}")
    defaults = {
        "industry_code": "3491",
        **name_fields(zh_hans=f"辰光机器人{number}", en=f"Chenguang Robotics {number}"),
    }
    return _searchable(Enterprise(uscc=uscc, **{**defaults, **fields}))


def make_return(*, enterprise: Enterprise, year: int = ON.year - 1, **fields: Any) -> EnterpriseReturn:
    """Return a yearly return; what is not given is unknown."""
    numbers = {k: Decimal(str(v)) if k.endswith("_wan") and v is not None else v for k, v in fields.items()}
    return EnterpriseReturn.objects.create(enterprise=enterprise, year=year, **numbers)


def make_qualification(
    *,
    enterprise: Enterprise,
    kind: str = Qualification.Kind.HNTE,
    valid_from_on: date = date(2024, 12, 1),
    valid_to_on: date | None = date(2027, 12, 1),
    **fields: Any,
) -> Qualification:
    """Return a certificate of a firm."""
    return Qualification.objects.create(
        enterprise=enterprise, kind=kind, valid_from_on=valid_from_on, valid_to_on=valid_to_on, **fields
    )


def make_address(
    *,
    enterprise: Enterprise,
    kind: str = EnterpriseAddress.Kind.REGISTERED,
    starts_on: date = date(2024, 1, 1),
    **fields: Any,
) -> EnterpriseAddress:
    """Return one of the four addresses of a firm."""
    return EnterpriseAddress.objects.create(enterprise=enterprise, kind=kind, starts_on=starts_on, **fields)


def make_occupancy(
    *,
    premises: Premises | None = None,
    enterprise: Enterprise | None = None,
    starts_on: date = date(2025, 1, 1),
    ends_on: date | None = None,
    **fields: Any,
) -> Occupancy:
    """Return an occupancy: who is where from when to when."""
    return Occupancy.objects.create(
        premises=premises or make_premises(),
        enterprise=enterprise or make_enterprise(),
        starts_on=starts_on,
        ends_on=ends_on,
        **fields,
    )


def make_document(*, park: Park | None = None, name: str = "licence.pdf", uploaded_by: User | None = None) -> Document:
    """Return the row of a stored file (no content)."""
    number = next(_numbers)
    return Document.objects.create(
        park=park,
        name=name,
        sha256=f"{number:064x}",
        size_bytes=1000 + number,
        media_type="application/pdf",
        uploaded_by=uploaded_by,
        uploaded_at=AT,
    )


def make_contact(
    *, enterprise: Enterprise, park: Park, name: str = "李明", starts_on: date = date(2024, 1, 1), **fields: Any
) -> EnterpriseContact:
    """Return a contact that a park has at a firm."""
    return _searchable(EnterpriseContact(enterprise=enterprise, park=park, name=name, starts_on=starts_on, **fields))


def make_enterprise_document(
    *,
    enterprise: Enterprise,
    document: Document | None = None,
    kind: str = EnterpriseDocument.Kind.LICENCE,
    **fields: Any,
) -> EnterpriseDocument:
    """Return a document of a firm."""
    return EnterpriseDocument.objects.create(
        enterprise=enterprise, document=document or make_document(), kind=kind, **fields
    )


def make_equipment(*, park: Park, code: str = "", kind: str = "MOTOR", **fields: Any) -> Equipment:
    """Return a machine of a park; the operator's unless a firm is named."""
    code = code or f"E{next(_numbers)}"
    names = name_fields(zh_hans=f"设备{code}", en=f"Machine {code}")
    return Equipment.objects.create(park=park, code=code, kind=kind, **{**names, **fields})


def make_activity(
    *,
    park: Park,
    kind: str = "electricity",
    quantity: float | None = 1000.0,
    starts_on: date = date(2025, 1, 1),
    ends_on: date = date(2026, 1, 1),
    reference: str = "",
    **fields: Any,
) -> ActivityData:
    """Return a row of activity data for the last closed year."""
    reference = reference or f"A{next(_numbers)}"
    return ActivityData.objects.create(
        park=park, kind=kind, quantity=quantity, starts_on=starts_on, ends_on=ends_on, reference=reference, **fields
    )


def make_refrigerant_event(*, park: Park, kind: str = "TOP_UP", mass_kg: float | None = 2.0, **fields: Any) -> Any:
    """Return an entry of the refrigerant log of the last closed year."""
    defaults = {"refrigerant": "r410a", "happened_on": date(2025, 5, 1), "reference": f"R{next(_numbers)}"}
    return RefrigerantEvent.objects.create(park=park, kind=kind, mass_kg=mass_kg, **{**defaults, **fields})


def make_green_power(*, park: Park, quantity_kwh: float = 400.0, **fields: Any) -> GreenPower:
    """Return a lot of certificates, retired for the last closed year."""
    defaults = {
        "kind": "CERTIFICATE",
        "number": f"GEC-{next(_numbers)}",
        "starts_on": date(2025, 1, 1),
        "ends_on": date(2026, 1, 1),
        "retired_on": date(2026, 2, 1),
    }
    return GreenPower.objects.create(park=park, quantity_kwh=quantity_kwh, **{**defaults, **fields})


def make_factor(*, branch: Branch, carrier: str = "electricity", value: float = 0.5, **fields: Any) -> EmissionFactor:
    """Return an own factor of a branch."""
    defaults = {"of": "kgco2", "unit": "kWh", "basis": "location", "starts_on": date(2024, 1, 1), "source": "Own test"}
    return EmissionFactor.objects.create(branch=branch, carrier=carrier, value=value, **{**defaults, **fields})


def make_offer(*, park: Park, enterprise: Enterprise, direction: str = "OFFER", **fields: Any) -> ExchangeOffer:
    """Return an offer (or need) of waste heat."""
    defaults = {
        "kind": "WASTE_HEAT",
        "substance": "热水",
        "unit": "MJ",
        "per_month": 100.0,
        "starts_on": date(2025, 1, 1),
    }
    return ExchangeOffer.objects.create(park=park, enterprise=enterprise, direction=direction, **{**defaults, **fields})


def make_source(*, park: Park | None = None, code: str = "", driver: str = "http", **fields: Any) -> Source:
    """Return a source of a park that devices push to."""
    code = code or f"GW-{next(_numbers)}"
    fields = {"changed_at": AT, **name_fields(zh_hans=f"网关{code}", en=f"Gateway {code}"), **fields}
    return Source.objects.create(park=park or make_park(), code=code, driver=driver, **fields)


def make_point(
    *,
    park: Park | None = None,
    source: Source | None = None,
    code: str = "",
    address: str | None = None,
    unit: str = "KiloW-HR",
    kind: str = Point.Kind.REGISTER,
    **fields: Any,
) -> Point:
    """Return a point; with a source it has an address there, its code unless given."""
    code = code or f"E-{next(_numbers)}"
    address = (code if source else "") if address is None else address
    fields = {"changed_at": AT, **name_fields(zh_hans=f"测点{code}", en=f"Point {code}"), **fields}
    park = park or (source.park if source else make_park())
    return Point.objects.create(park=park, source=source, code=code, address=address, unit=unit, kind=kind, **fields)


def make_point_factor(
    *,
    point: Point,
    start_at: datetime = datetime(2024, 1, 1, tzinfo=UTC),
    end_at: datetime | None = None,
    **fields: Any,
) -> PointFactor:
    """Return a factor of a point that holds for a time."""
    return PointFactor.objects.create(point=point, start_at=start_at, end_at=end_at, **fields)


def make_baseline(*, park: Park, meters: Sequence[EnergyMeter], **fields: Any) -> EnergyBaseline:
    """Return a baseline that was never fitted."""
    fields = {
        "name": f"baseline {next(_numbers)}",
        "energy_kind": "ELECTRICITY",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 4, 1),
        "reports_from": date(2026, 4, 1),
        **fields,
    }
    baseline: EnergyBaseline = EnergyBaseline.objects.create(park=park, **fields)
    baseline.meters.set(meters)
    return baseline


def make_energy_meter(
    *, park: Park | None = None, code: str = "", energy_kind: str = "ELECTRICITY", **fields: Any
) -> EnergyMeter:
    """Return a meter that no point shows."""
    park, code = park or make_park(), code or f"M-{next(_numbers)}"
    unit = "KiloW-HR" if energy_kind == "ELECTRICITY" else "M3"
    fields = {
        "changed_at": AT,
        "unit": unit,
        **name_fields(zh_hans=f"{park.name_en}电表", en=f"{park.name_en} meter"),
        **fields,
    }
    return EnergyMeter.objects.create(park=park, code=code, energy_kind=energy_kind, **fields)


def make_run(*, park: Park, month_on: date = date(2026, 6, 1), **fields: Any) -> BillRun:
    """Return the locked run of a month."""
    values = {"state": BillRun.State.LOCKED, "issued_on": month_on, "begun_at": AT, "approved_at": AT, **fields}
    return BillRun.objects.get_or_create(park=park, month_on=month_on, sequence=1, defaults=values)[0]


def make_bill(*, park: Park, enterprise: Enterprise, gross_yuan: str = "109.00", **fields: Any) -> Bill:
    """Return an open bill with its one line."""
    run = make_run(park=park)
    gross, net = Decimal(gross_yuan), (Decimal(gross_yuan) / Decimal("1.09")).quantize(Decimal("0.01"))
    number = next(_numbers)
    values = {"net_yuan": net, "tax_yuan": gross - net, "gross_yuan": gross}
    bill = Bill.objects.create(
        park=park, enterprise=enterprise, run=run, number=f"202606-{number:04d}", month_on=run.month_on,
        issued_on=run.month_on, due_on=run.month_on.replace(day=5), open_yuan=gross, **values, **fields,
    )  # fmt: skip
    Charge.objects.create(
        park=park, enterprise=enterprise, run=run, bill=bill, key=f"made:{number}", source="made",
        month_on=run.month_on, kind="RENT", starts_on=run.month_on, ends_on=date(2026, 7, 1),
        due_on=bill.due_on, tax_rate=Decimal("0.09"), **values,
    )  # fmt: skip
    return bill


def make_payment(*, park: Park, enterprise: Enterprise, amount_yuan: str = "50.00", **fields: Any) -> Payment:
    """Return money that no bill has taken yet."""
    amount = Decimal(amount_yuan)
    values = {"received_on": ON, "unused_yuan": amount, "recorded_at": AT, **fields}
    return Payment.objects.create(park=park, enterprise=enterprise, amount_yuan=amount, **values)


def make_deposit(
    *, park: Park, enterprise: Enterprise, due_yuan: str = "800.00", received_yuan: str = "500.00", on: date = ON
) -> Deposit:
    """Return a deposit with what was agreed and what came of it."""
    due, received = Decimal(due_yuan), Decimal(received_yuan)
    for kind, amount in (("DUE", due), ("RECEIVED", received)):
        DepositEntry.objects.create(
            park=park, enterprise=enterprise, kind=kind, amount_yuan=amount, booked_on=on, recorded_at=AT
        )
    return Deposit.objects.create(
        park=park, enterprise=enterprise, due_yuan=due, received_yuan=received, held_yuan=received,
        missing_yuan=max(Decimal(0), due - received), moved_on=on,
    )  # fmt: skip


def make_bank_file(*, park: Park, name: str = "bank.csv") -> BankFile:
    """Return a file of the bank with a line that waits."""
    number = next(_numbers)
    file = BankFile.objects.create(park=park, name=name, sha256=f"{number:064d}", taken_at=AT)
    BankLine.objects.create(
        file=file, park=park, row_number=2, fingerprint=f"{number:064d}", received_on=ON, amount_yuan=Decimal("12.00"),
        payer=f"payer of {name}", state=BankLine.State.UNKNOWN, verdict=[["nothing", ""]],
    )  # fmt: skip
    return file


def make_lease(
    *, park: Park, enterprise: Enterprise, premises: Premises, number: str = "", rent: str = "60", **dates: Any
) -> Any:
    """Return an active lease of three years with a rent, a rise and free months, in force without an actor."""
    from parkbrain.leasing import services
    from parkbrain.leasing.services import ClauseRow, PlaceRow

    starts_on = dates.get("starts_on", ON.replace(month=1, day=1))
    clauses = [
        ClauseRow("RENT", {"price_yuan_per_m2": rent}),
        ClauseRow("RISE", {"percent": "5"}),
        ClauseRow("RECURRING_FREE", {"meaning": "CONTRACT_YEAR_LAST_MONTHS"}),
    ]
    lease = services.draft_lease(
        park=park,
        enterprise=enterprise,
        number=number or f"L-{next(_numbers)}",
        starts_on=starts_on,
        ends_on=dates.get("ends_on", starts_on.replace(year=starts_on.year + 3)),
        premises=[PlaceRow(premises)],
        clauses=clauses,
        actor=None,
        at=AT,
    )
    services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    lease.refresh_from_db()
    return services.sign_lease(lease=lease, signed_on=starts_on, actor=None, at=AT)


def make_project(*, park: Park, code: str = "", **fields: Any) -> Project:
    """Return a project that puts industry upstairs."""
    code = code or f"P-{next(_numbers)}"
    names = name_fields(zh_hans=f"项目{code}", en=f"Project {code}")
    return Project.objects.create(park=park, code=code, **{"kind": "UPSTAIRS", **names, **fields})


def make_life(
    *,
    park: Park,
    building: Building | None = None,
    project: Project | None = None,
    stage: str = "OPERATE",
    since: date = date(2020, 1, 1),
) -> LifeSubject:
    """Return a park, building or project in a stage, without duties."""
    kind = "BUILDING" if building else "PROJECT" if project else "PARK"
    subject = LifeSubject.objects.create(park=park, kind=kind, building=building, project=project)
    StagePeriod.objects.create(subject=subject, stage=stage, starts_on=since)
    return subject


def make_duty(*, subject: LifeSubject, code: str = "", **fields: Any) -> Duty:
    """Return an open duty of the park's own that gates the stage of operations."""
    code = code or f"duty-{next(_numbers)}"
    names = name_fields(zh_hans=f"事项{code}", en=f"Duty {code}")
    values = {"stage": "OPERATE", "is_gate": True, "asked": {"R": ["OPERATOR"], "A": ["OWNER"]}, **names, **fields}
    return Duty.objects.create(subject=subject, code=code, **values)


def make_assignment(*, duty: Duty, role: str = "R", body: str = "Operator Ltd", **fields: Any) -> Assignment:
    """Return somebody's role in a duty, open since 2024."""
    body = "" if fields.get("enterprise") else body
    values = {"party_kind": "OPERATOR", "starts_on": date(2024, 1, 1), "body": body, **fields}
    return Assignment.objects.create(duty=duty, role=role, **values)


def make_lead(
    *, park: Park, number: str = "", stage: str = "NEW", need: dict[str, Any] | None = None, **fields: Any
) -> Lead:
    """Return a lead with the day of its stage, and what it needs."""
    number = number or f"LEAD-{next(_numbers)}"
    defaults = {"company_name": f"意向企业{number}", "industry_code": "3491", "received_on": date(2026, 1, 5)}
    lead = _searchable(Lead(park=park, number=number, stage=stage, **{**defaults, **fields}))
    LeadNeed.objects.create(lead=lead, **(need or {}))
    LeadMove.objects.create(lead=lead, stage="NEW", moved_on=lead.received_on, recorded_at=AT)
    if stage != "NEW":
        moved_on = lead.received_on + timedelta(days=9)
        LeadMove.objects.create(lead=lead, stage=stage, moved_on=moved_on, recorded_at=AT)
    return lead


def make_quote(*, lead: Lead, premises: Sequence[Premises], rent: str = "55", **fields: Any) -> Quote:
    """Return an open quote of premises to a lead."""
    defaults = {
        "version": lead.quotes.count() + 1,
        "offered_on": date(2026, 6, 1),
        "valid_to_on": date(2026, 8, 1),
        "starts_on": date(2026, 9, 1),
        "term_months": 36,
        "rent_yuan_per_m2_month": Decimal(rent),
    }
    quote = Quote.objects.create(lead=lead, **{**defaults, **fields})
    for one in premises:
        QuotePremises.objects.create(quote=quote, premises=one, area_m2=Decimal(str(one.billing_area_m2)))
    return quote


def make_data_round(*, branch: Branch, park: Park | None = None, **fields: Any) -> DataRound:
    """Return an open data round of a branch that asks a park, if one is given."""
    defaults = {
        "state": DataRound.State.OPEN, "cut_off_on": ON, "opens_on": ON, "due_on": ON + timedelta(days=30),
        "fact_keys": ["total_tax_wan"], "created_at": AT,
    }  # fmt: skip
    one = DataRound.objects.create(branch=branch, **{**defaults, **fields})
    if park is not None:
        Submission.objects.create(round=one, park=park)
    return one


def make_operator_group(*, operator: Branch, code: str = "", **fields: Any) -> OperatorGroup:
    """Return an operator group of one operator with one product line."""
    group = OperatorGroup.objects.create(code=code or f"group-{next(_numbers)}", **fields)
    group.operators.create(operator=operator)
    group.lines.create(code="line", name_en=fields.get("name_en", "Line"))
    return group
