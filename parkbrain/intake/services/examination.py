"""A file examined: read, recognized, typed and checked across rows; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Area, RowProblem, TakenRow

from ..queries import (
    Problem,
    SheetForms,
    list_example_words,
    list_explanation_names,
)
from .mapped import TAKEN, MappedSheet
from .matching import REFUSED, match_rows
from .plans import Reading
from .profiles import find_plan, list_forms, list_profiles
from .raw import RawSheet, RawWorkbook, Remark
from .recognition import recognize_sheet
from .refusals import CannotReadFile
from .rows import TypedSheet, type_rows
from .template import METADATA_SHEET

#: Steps of writing a row, for one of reading it: the row itself, its event, its origin and what takes it back; a preview
#: makes only the first two.
WRITING, PREVIEWING = 4, 2
#: Rows that a remark names; more are counted.
NAMED_ROWS = 8
#: Told what is being done, how many steps are done and how many there are.
Progress = Callable[[str, int, int], None]


_AS_RECOGNIZED = Reading()


@dataclass
class Examined:
    """What a file holds and what is wrong with it."""

    park: Park | None
    mapped: list[MappedSheet] = field(default_factory=list)
    sheets: list[TypedSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    # What is wrong with rows that are left out, where the rest of the file is taken.
    unread: list[Problem] = field(default_factory=list)
    # The newest link of the audit chain before the record was looked at.
    head: str = ""
    # What a table about the parks of a branch is taken into.
    area: Area | None = None

    @property
    def place(self) -> dict[str, Any]:
        """What the functions of a taker are told of where the rows belong: a park, or the area of many."""
        return {"park": self.park} if self.area is None else {"area": self.area}

    @property
    def row_count(self) -> int:
        """How many rows say something."""
        return sum(len(s.all) for s in self.sheets)

    def refuse(self, sheet: TypedSheet, problems: Sequence[Problem], leave_out: bool | None) -> None:
        """Keep what is wrong with rows: it refuses the file, or only the rows where the rest may be taken."""
        aside = leave_out if leave_out is not None else sheet.mapped.foreign
        if not aside or not all(p.row for p in problems):
            self.problems.extend(problems)
            return
        self.unread.extend(problems)
        rows = {p.row for p in problems}
        sheet.clean = [r for r in sheet.clean if r.number not in rows]
        for number in rows:
            if number is not None:
                sheet.reasons[number] = {"outcome": REFUSED, "with": "", "target": "", "score": None, "parts": []}


@dataclass
class Steps:
    """Counts the rows that are done and tells whoever watches."""

    watch: Progress | None
    total: int = 0
    done: int = 0
    _end: int = 0

    def tell(self, stage: str, count: int = 0) -> None:
        """Add rows that are done: never more than the total, or than the part that is being done."""
        self.done = min(self.done + count, self._end or self.total)
        if self.watch is not None:
            self.watch(stage, self.done, self.total)

    @contextmanager
    def part(self, size: int) -> Iterator[None]:
        """Count what is told inside up to `size`, which is what the whole of it comes to."""
        self._end = min(self.done + size, self.total)
        yield
        self.done, self._end = self._end, 0


def examine_file(
    *,
    read: Callable[[], RawWorkbook],
    park: Park | None,
    actor: User,
    steps: Steps,
    reading: Reading = _AS_RECOGNIZED,
    area: Area | None = None,
) -> Examined:
    """Return everything the file holds, with every problem that can be found without writing."""
    examined = Examined(park, head=audit.get_head(), area=area)
    steps.done = 0
    steps.tell(_("Reading the file"))
    try:
        workbook = read()
    except CannotReadFile as refusal:
        examined.problems.append(Problem(refusal.code, refusal.sheet, params=refusal.params))
        return examined
    examined.remarks.extend(workbook.remarks)
    _recognize(examined, workbook, actor, reading)
    _read_rows(examined, reading, steps)
    if examined.row_count and examined.park is None and examined.area is None and reading.new_park:
        examined.sheets.append(_new_park(reading.new_park, actor))
    examined.sheets.sort(key=_order)
    if not examined.problems and not examined.row_count:
        examined.problems.append(Problem("no_rows"))
    if examined.row_count and _find_park(examined, actor):
        steps.tell(_("Checking"))
        _match(examined, actor, reading)
        _check(examined, reading)
    if workbook.drawn:
        examined.problems = [_with_ref(p, workbook) for p in examined.problems]
    return examined


def _read_rows(examined: Examined, reading: Reading, steps: Steps) -> None:
    """Type the rows of every sheet that is taken."""
    taken = [m for m in examined.mapped if m.state == TAKEN]
    row_count = sum(len(m.raw.rows) for m in taken)
    steps.total = (1 + WRITING) * row_count
    words = list_example_words()
    for mapped in taken:
        with steps.part(len(mapped.raw.rows)):
            typed = type_rows(
                mapped=mapped, example_words=words, step=lambda count: steps.tell(_("Reading the rows"), count)
            )
        examined.sheets.append(typed)
        examined.refuse(typed, typed.problems, reading.leave_out)
        examined.remarks.extend(typed.remarks)


def _with_ref(problem: Problem, workbook: RawWorkbook) -> Problem:
    """Return the problem with its place in the drawing instead of a cell that nobody ever saw."""
    refs = [s.ref(problem.row) for s in workbook.sheets if s.name == problem.sheet and problem.row]
    return replace(problem, column="", params={**problem.params, "ref": refs[0]}) if any(refs) else problem


def _order(sheet: TypedSheet) -> int:
    assert sheet.mapped.forms is not None
    return sheet.mapped.forms.taker.order


def _new_park(new_park: tuple[str, str], actor: User) -> TypedSheet:
    """Return a sheet about the park to make, as the file would carry it."""
    form = next(f for f in list_forms(actor=actor) if f.taker.describes_park)
    row = TakenRow(0, {"code": new_park[0], "name_zh_hans": new_park[1]})
    mapped = MappedSheet(RawSheet(str(form.taker.label), []), TAKEN, form)
    return TypedSheet(mapped, clean=[row], made=True)


def recognize_workbook(
    *, workbook: RawWorkbook, forms: Sequence[SheetForms], actor: User, reading: Reading
) -> list[MappedSheet]:
    """Return what each sheet of a file is: as said, by a profile that knows its headings, or as recognized."""
    own_names = list_explanation_names()
    named = _named_by_template(workbook, forms)
    profiles = [] if named or reading.sheets else list_profiles(actor=actor, name=reading.profile)
    found = []
    for raw in workbook.sheets:
        plan, by_profile = reading.sheets.get(raw.name), ""
        if plan is None and profiles and (known := find_plan(raw=raw, profiles=profiles)):
            by_profile, plan = known[0].name, known[1]
        mapped = recognize_sheet(
            raw=raw, forms=forms, own_names=own_names, named=named, plan=plan, sheet_as=reading.sheet_as
        )
        if by_profile:
            remark = Remark("remark_profile", {"sheet": raw.name, "profile": by_profile})
            mapped = replace(mapped, by_profile=by_profile, remarks=[remark, *mapped.remarks])
        found.append(mapped)
    return found


def _recognize(examined: Examined, workbook: RawWorkbook, actor: User, reading: Reading) -> None:
    forms = list_forms(actor=actor, drawn=workbook.drawn, about_parks=examined.area is not None)
    first: dict[str, str] = {}
    for mapped in recognize_workbook(workbook=workbook, forms=forms, actor=actor, reading=reading):
        examined.mapped.append(mapped)
        examined.problems.extend(mapped.problems)
        examined.remarks.extend(mapped.remarks)
        if mapped.state == TAKEN and mapped.forms is not None:
            key = mapped.forms.taker.key
            if key in first:
                params = {"other": first[key], "taker": key}
                examined.problems.append(Problem("sheet_twice", mapped.raw.name, params=params))
            first.setdefault(key, mapped.raw.name)
    if not any(m.forms or m.problems for m in examined.mapped):
        examined.problems.append(Problem("nothing_recognized"))
    if reading.profile and not any(m.by_profile for m in examined.mapped):
        examined.problems.append(Problem("profile_unknown", params={"profile": reading.profile}))


def _named_by_template(workbook: RawWorkbook, forms: Sequence[SheetForms]) -> dict[str, str]:
    """Return which sheet is which, as our own workbook says it of itself."""
    known = {f.taker.key for f in forms}
    for raw in workbook.sheets:
        if raw.name == METADATA_SHEET:
            rows = [r for r in raw.rows if len(r) >= 3 and r[0] == "sheet" and r[1] in known]
            return {str(r[2]): str(r[1]) for r in rows}
    return {}


def _find_park(examined: Examined, actor: User) -> bool:
    """Find the park that the file is about: the one chosen, or the one its sheet names; a new code is a new park."""
    if examined.park is not None or examined.area is not None:
        return True
    about = [s for s in examined.sheets if s.mapped.forms is not None and s.mapped.forms.taker.describes_park]
    codes = sorted({str(r.values["code"]) for s in about for r in (s.all or s.clean) if r.values.get("code")})
    if len(codes) != 1:
        if codes:
            examined.problems.append(Problem("park_several", about[0].name, params={"codes": ", ".join(codes)}))
        elif not any(s.problems for s in about):
            examined.problems.append(Problem("park_missing"))
        return False
    park = Park.objects.filter(code=codes[0]).select_related("branch").first()
    if park is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        examined.problems.append(Problem("park_not_yours", about[0].name, params={"code": codes[0]}))
        return False
    examined.park = park
    return True


def _match(examined: Examined, actor: User, reading: Reading) -> None:
    """Find what each row is about, in the sheets whose things can be matched."""
    for sheet in examined.sheets:
        problems = match_rows(sheet=sheet, place=examined.place, actor=actor, decisions=reading.decisions)
        examined.refuse(sheet, problems, reading.leave_out)


def _check(examined: Examined, reading: Reading) -> None:
    """Run the checks of the modules over the rows that could be read."""
    context = {s.key: s.named() for s in examined.sheets}
    for sheet in examined.sheets:
        problems, remarks = _check_sheet(sheet, examined.place, context)
        examined.refuse(sheet, problems, reading.leave_out)
        examined.remarks.extend(remarks)


def _check_sheet(
    sheet: TypedSheet, place: Mapping[str, Any], context: Mapping[str, Sequence[TakenRow]]
) -> tuple[list[Problem], list[Remark]]:
    """Return what is wrong with the rows of a sheet, and what is only worth knowing."""
    assert sheet.mapped.forms is not None
    taker = sheet.mapped.forms.taker

    def run() -> Mapping[int, Sequence[RowProblem]]:
        return taker.check(**place, rows=sheet.clean, context=context)

    found = run()
    if not any(found.values()):
        return [], []
    # What a module finds it says in words: once in each language, so that every reader can read it.
    by_language = _in_languages(run)
    letters = sheet.letters_by_field()
    headings = {c.field: c.heading for c in sheet.mapped.columns if c.field}
    raw = {r.number: r for r in sheet.clean}
    problems: list[Problem] = []
    told: dict[str, tuple[dict[str, str], list[int]]] = {}
    for number in sorted(found):
        for index, problem in enumerate(found[number]):
            said = {code: other[number][index].message for code, other in by_language.items()}
            if not problem.refuses:
                told.setdefault(problem.code, (said, []))[1].append(number)
                continue
            field_name = problem.field or ""
            value = problem.value or _plain(raw[number].values.get(field_name) if number in raw else "")
            problems.append(
                Problem(
                    problem.code, sheet.name, number, letters.get(field_name, ""), headings.get(field_name, ""),
                    field_name, taker.key, value[:200], said=said,
                )
            )  # fmt: skip
    return problems, [_told(sheet.name, said, numbers) for said, numbers in told.values()]


def _told(sheet: str, said: Mapping[str, str], numbers: Sequence[int]) -> Remark:
    """Return a remark of a module on rows of a sheet, with the first of them."""
    rows = ", ".join(str(n) for n in numbers[:NAMED_ROWS]) + (", …" if len(numbers) > NAMED_ROWS else "")
    return Remark("remark_rows", {"sheet": sheet, "rows": rows, "count": len(numbers), "said": dict(said)})


def _in_languages(
    run: Callable[[], Mapping[int, Sequence[RowProblem]]],
) -> dict[str, Mapping[int, Sequence[RowProblem]]]:
    found: dict[str, Mapping[int, Sequence[RowProblem]]] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = run()
    return found


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
