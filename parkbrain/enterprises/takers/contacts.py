"""The sheet of contacts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import EnterpriseContact
from ..services import record_contacts
from .register import USCC, Context, backwards, firm_problem, known_codes

COLUMNS = (
    USCC,
    Column(
        "name",
        gettext_lazy("Contact name"),
        required=True,
        max_length=80,
        synonyms=("联系人", "姓名", "聯繫人", "contact"),
        example="李明",
    ),
    Column(
        "position",
        gettext_lazy("Position"),
        max_length=80,
        synonyms=("职务", "岗位", "職務", "title"),
        example="行政经理",
    ),
    Column(
        "phone",
        gettext_lazy("Telephone"),
        max_length=40,
        synonyms=("联系电话", "手机", "电话", "聯繫電話", "phone", "mobile"),
        example="0755-2600 0000",
    ),
    Column(
        "email", gettext_lazy("E-mail"), max_length=254, synonyms=("邮箱", "电子邮箱", "郵箱"), example="li@example.com"
    ),
    Column("is_main", gettext_lazy("Main contact"), "boolean", synonyms=("主要联系人", "主联系人"), example=True),
    Column(
        "starts_on",
        gettext_lazy("From"),
        "date",
        required=True,
        synonyms=("起始日期", "开始日期", "from"),
        example="2024-01-01",
    ),
    Column("ends_on", gettext_lazy("To"), "date", synonyms=("截止日期", "结束日期", "to"), example="2026-01-01"),
)


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown firms, periods that run backwards, wrong telephone numbers and e-mails, and a second main contact."""
    codes = known_codes(rows, context)
    problems: dict[int, list[RowProblem]] = {}
    main: dict[str, int] = {}
    if park is not None:
        held = EnterpriseContact.objects.filter(park=park, is_main=True, ends_on=None)
        # A row for the same person from the same day replaces what is held.
        own = {(r.values.get("uscc"), r.values.get("name"), r.values.get("starts_on")) for r in rows}
        for uscc, name, starts_on in held.values_list("enterprise__uscc", "name", "starts_on"):
            if (uscc, name, starts_on) not in own:
                main[uscc] = 0
    for row in rows:
        found = [firm_problem(row, codes), backwards(row, "starts_on", "ends_on"), *_cells(row)]
        uscc = str(row.values.get("uscc") or "")
        if (
            row.values.get("is_main")
            and not row.values.get("ends_on")
            and main.setdefault(uscc, row.number) != row.number
        ):
            found.append(RowProblem("is_main", "second_main", _("A firm has one main contact at a time.")))
        if any(found):
            problems[row.number] = [p for p in found if p]
    return problems


def _cells(row: TakenRow) -> list[RowProblem]:
    problems = []
    phone, email = str(row.values.get("phone") or ""), str(row.values.get("email") or "")
    if phone and not re.fullmatch(EnterpriseContact.PHONE_PATTERN, phone):
        message = _("A telephone number has digits, +, - and brackets only.")
        problems.append(RowProblem("phone", "telephone", message, phone))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            problems.append(RowProblem("email", "email", _("This is not an e-mail address."), email))
    return problems


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the contact of each row."""
    recorded = record_contacts(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's contacts as the sheet has them."""
    contacts = EnterpriseContact.objects.filter(park=park).select_related("enterprise")
    plain = [c.field for c in COLUMNS if c.field != "uscc"]
    ordered = contacts.order_by("enterprise__uscc", "name", "starts_on")
    return [{"uscc": c.enterprise.uscc, **{field: getattr(c, field) for field in plain}} for c in ordered]


CONTACTS = Taker(
    key="contacts",
    label=gettext_lazy("Contacts"),
    order=85,
    columns=COLUMNS,
    identity=("uscc", "name", "starts_on"),
    check=check,
    apply=apply,
    note=gettext_lazy("Whom the park may call at a firm; one main contact at a time."),
    synonyms=("联系人", "企业联系人", "聯繫人"),
    export=export,
)
