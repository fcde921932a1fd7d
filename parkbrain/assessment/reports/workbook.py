"""A rating as a workbook with live formulas: change a fact and value, score, totals and star follow."""

from __future__ import annotations

import io
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from parkbrain.calc.rating import OutcomeClass, Scheme
from parkbrain.ui.formats import moment

from ..queries.explain import list_floors
from ..queries.lists import list_evidence_of
from ..queries.schemes import describe
from ..queries.sheets import StarSheet
from .book import Book, open_book, write_facts
from .formulas import flag_formula
from .tree import APPLIES, IN_FORCE, POINTS, PROVEN, REACHABLE, STATE, state_names, write_breakpoints, write_tree

#: No class is the rank 0; a veto that does not apply caps at a rank above every class.
UNCAPPED = 99


def render_xlsx(*, sheet: StarSheet, language: str) -> bytes:
    """Return the workbook of a rating in a language."""
    target = io.BytesIO()
    with translation.override(language):
        book = open_book(target=target, sheet=sheet)
        write_facts(book=book)
        write_breakpoints(book=book)
        write_tree(book=book)
        # The summary refers to cells of the sheets written before it.
        _write_summary(book)
        _write_evidence(book)
        book.workbook.set_properties({"title": f"{sheet.park.name} · {describe(value=sheet.scheme.name)}"})
        book.workbook.close()
    return target.getvalue()


def _write_summary(book: Book) -> None:
    sheet, formats = book.sheet, book.formats
    page = book.open_sheet("summary", [34, 15, 15, 15, 15, 44], title=sheet.park.name)
    page.write(1, 0, describe(value=sheet.scheme.notice), formats["label"])
    facts = [
        (_("Scheme"), f"{describe(value=sheet.scheme.name)} · {sheet.scheme.version}"),
        (_("Cut-off date"), sheet.rating.cut_off_on.isoformat()),
        (_("Computed at"), moment(sheet.rating.computed_at)),
        (_("Hash of the rating"), sheet.hash),
        (_("Hash of the scheme"), sheet.scheme.hash),
    ]
    for row, (label, value) in enumerate(facts, start=3):
        page.write(row, 0, label, formats["label"])
        page.write(row, 1, value, formats["text"])
    row = 9
    page.write_row(row, 1, [_("Proven"), _("Reachable")], formats["head"])
    page.write(row + 1, 0, _("Total"), formats["text"])
    sides = ((1, PROVEN, book.result.total_proven), (2, REACHABLE, book.result.total_reachable))
    decimals = sheet.scheme.rounding.total
    for column, score, totals in sides:
        cell = book.node_cell(sheet.scheme.root.id, score)
        formula = f"={cell}" if decimals is None else f"=ROUND({cell},{decimals})"
        page.write_formula(row + 1, column, formula, formats["big"], book.number(totals))
    row = _write_tests(book, page, row + 4 + len(sheet.scheme.root.children) + 2)
    _write_dimensions(book, page, 13)
    if sheet.scheme.outcome.classes:
        _write_class(book, page, 11)
        _write_thresholds(book, page, row + 1)


def _write_dimensions(book: Book, page: Any, row: int) -> None:
    heads = [_("Dimension"), _("Proven"), _("Reachable"), _("Weight in force"), _("Points proven")]
    page.write_row(row, 0, heads, book.formats["head"])
    sources = (PROVEN, REACHABLE, IN_FORCE, POINTS)
    for offset, node in enumerate(book.sheet.scheme.root.children, start=1):
        page.write(row + offset, 0, f"{node.id} {describe(value=node.name)}", book.formats["text"])
        share = sum(float(book.result.weights_in_force[leaf][0]) for leaf in _leaf_ids(node))
        proven = book.number(book.result.unrounded_proven[node.id]) or 0.0
        cached = [proven, book.number(book.result.unrounded_reachable[node.id]), share, share * float(proven) / 100]
        for column, (source, value) in enumerate(zip(sources, cached, strict=True), start=1):
            page.write_formula(
                row + offset, column, f"={book.node_cell(node.id, source)}", book.formats["points"], value
            )


def _leaf_ids(node: Any) -> list[str]:
    return [node.id] if not node.children else [leaf for child in node.children for leaf in _leaf_ids(child)]


def _write_tests(book: Book, page: Any, row: int) -> int:
    """Write gates and vetoes with their state; return the row after them."""
    scheme = book.sheet.scheme
    groups: list[tuple[str, str, Any, Any]] = [
        ("gate", _("Gates: met?"), scheme.outcome.gates, book.result.gates),
        ("veto", _("Vetoes: raised?"), scheme.outcome.vetoes, book.result.vetoes),
    ]
    for kind, title, tests, flags in groups:
        if not tests:
            continue
        page.write_row(row, 0, [title, _("State")], book.formats["head"])
        for one in tests:
            row += 1
            expression = scheme.expressions[f"{kind}:{one.id}"]
            page.write(row, 0, f"{one.id} {describe(value=one.name)}", book.formats["wrap"])
            formula = f"={flag_formula(expression=expression, locate=book.locate)}"
            page.write_formula(row, 1, formula, book.formats["flag"], int(flags[one.id][0]))
            page.write(row, 2, one.test, book.formats["mono"])
            book.fact_cells[f"{kind}:{one.id}"] = f"$B${row + 1}"
        row += 2
    return row


def _write_class(book: Book, page: Any, row: int) -> None:
    page.write(row, 0, _("Stars") if book.sheet.outcome_kind == "stars" else _("Class"), book.formats["text"])
    for column, best_case, ranks in ((1, False, book.result.class_proven), (2, True, book.result.class_reachable)):
        formula = f"={_class_formula(book, best_case=best_case)}"
        page.write_formula(row, column, formula, book.formats["star"], int(ranks[0]))


def _class_formula(book: Book, *, best_case: bool) -> str:
    """Return the rank of the class: the best whose total, floors and gates are met, then vetoes and the limit."""
    scheme = book.sheet.scheme
    written = "0"
    for one in sorted(scheme.outcome.classes, key=lambda each: each.rank):
        written = f"IF(AND({','.join(_demands(book, one, best_case))}),{one.rank},{written})"
    caps = [written]
    for veto in scheme.outcome.vetoes:
        cell = book.fact_cells[f"veto:{veto.id}"]
        raised = f"{cell}=1" if best_case else f"{cell}<>0"
        caps.append(f"IF({raised},{0 if veto.cap is None else veto.cap},{UNCAPPED})")
    ranks = f"MIN({','.join(caps)})"
    limit = scheme.max_not_applicable_weight
    out = _left_out_weight(book, scheme)
    return ranks if limit is None or not out else f"IF({out}>{limit}+0.000000001,0,{ranks})"


def _demands(book: Book, one: OutcomeClass, best_case: bool) -> list[str]:
    scheme, column = book.sheet.scheme, REACHABLE if best_case else PROVEN
    decimals = 9 if scheme.rounding.total is None else scheme.rounding.total
    demands = [f"ROUND({book.node_cell(scheme.root.id, column)},{decimals})>={one.min_total}"]
    for key, floor in one.min_nodes.items():
        for node in scheme.nodes:
            if key in (node.id, node.level):
                absent = f"{book.node_cell(node.id, APPLIES)}=0"
                demands.append(f"OR({absent},ROUND({book.node_cell(node.id, column)},{decimals})>={floor})")
    for gate_id in one.gates:
        cell = book.fact_cells[f"gate:{gate_id}"]
        demands.append(f"{cell}<>0" if best_case else f"{cell}=1")
    return demands


def _left_out_weight(book: Book, scheme: Scheme) -> str:
    """Return the weight that does not apply, as a sum over the indicators that may be left out."""
    out = state_names()[2]
    terms = [
        f'({book.node_cell(one.id, STATE)}="{out}")*{scheme.nominal_weights[one.id]!r}'
        for one in scheme.indicators
        if one.applicable
    ]
    return f"({'+'.join(terms)})" if terms else ""


def _write_thresholds(book: Book, page: Any, row: int) -> None:
    page.write_row(row, 0, [_("Class"), _("Total from"), _("Floors"), _("Gates")], book.formats["head"])
    for offset, one in enumerate(book.sheet.scheme.outcome.classes, start=1):
        page.write(row + offset, 0, describe(value=one.name), book.formats["text"])
        floors = ", ".join(f"{name} ≥ {least:g}" for name, least in list_floors(scheme=book.sheet.scheme, one=one))
        page.write(row + offset, 1, one.min_total, book.formats["text"])
        page.write(row + offset, 2, floors, book.formats["text"])
        page.write(row + offset, 3, ", ".join(one.gates), book.formats["text"])


def _write_evidence(book: Book) -> None:
    page = book.open_sheet("evidence", [42, 15, 42, 66, 13, 18, 18], title=_("Evidence"))
    heads = [_("Fact"), _("Period ends"), _("File"), "SHA-256", _("Standing"), _("Stored by"), _("Stored at")]
    page.write_row(3, 0, heads, book.formats["head"])
    rows = list_evidence_of(sheet=book.sheet)
    for row, line in enumerate(rows, start=4):
        page.write(row, 0, line.fact.name, book.formats["wrap"])
        page.write(row, 1, line.ends_on.isoformat(), book.formats["text"])
        page.write(row, 2, line.document.name, book.formats["wrap"])
        page.write(row, 3, line.document.sha256, book.formats["mono"])
        page.write(row, 4, _("verified") if line.is_verification else _("declared"), book.formats["text"])
        page.write(row, 5, str(line.document.uploaded_by or ""), book.formats["text"])
        page.write(row, 6, moment(line.document.uploaded_at), book.formats["text"])
    if not rows:
        page.write(4, 0, _("No file was attached to the facts of this rating."), book.formats["faint"])
