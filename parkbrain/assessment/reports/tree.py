"""The sheet of indicators: the tree with a formula in every number, from the facts up to the total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from parkbrain.calc.rating import Indicator, Node

from ..queries.schemes import describe
from .book import Book
from .formulas import flag_formula, number_formula
from .scores import (
    Block,
    Child,
    aggregate_formula,
    boolean_test,
    breakpoints_of,
    checklist_formulas,
    rounded,
    score_formula,
)

(ID, NAME, UNIT, VALUE, STATE, WEIGHT, APPLIES, PROVEN, REACHABLE, SUM, IN_FORCE, POINTS, BEST, FORMULA) = range(14)
FIRST_ROW = 4


def write_breakpoints(*, book: Book) -> None:
    """Write the sheet of breakpoints: value and score, a block for each indicator."""
    page = book.open_sheet("breakpoints", [10, 44, 14, 14, 12], title=_("Breakpoints"))
    note = _("Between two breakpoints the score lies on the straight line; outside it stays at the end.")
    page.write(1, 0, note, book.formats["label"])
    page.write_row(3, 0, [_("Indicator"), _("Name"), _("Unit"), _("Value"), _("Score")], book.formats["head"])
    row = FIRST_ROW
    for one in book.sheet.scheme.indicators:
        points = breakpoints_of(indicator=one)
        for offset, (value, score) in enumerate(points):
            page.write(row + offset, 0, one.id, book.formats["text"])
            page.write(row + offset, 1, describe(value=one.name), book.formats["wrap"])
            page.write(row + offset, 2, one.unit or "", book.formats["text"])
            page.write_number(row + offset, 3, value, book.formats["value"])
            page.write_number(row + offset, 4, score, book.formats["value"])
        if points:
            last = row + len(points) - 1
            book.blocks[one.id] = Block(_range(book, row, last, 3), _range(book, row, last, 4))
            row = last + 1
    page.freeze_panes(FIRST_ROW, 0)


def _range(book: Book, first: int, last: int, column: int) -> str:
    start = xl_rowcol_to_cell(first, column, row_abs=True, col_abs=True)
    end = xl_rowcol_to_cell(last, column, row_abs=True, col_abs=True)
    return f"'{book.names['breakpoints']}'!{start}:{end}"


def write_tree(*, book: Book) -> None:
    """Write the sheet of indicators."""
    widths = [9, 42, 14, 13, 15, 9, 9, 10, 11, 10, 10, 10, 11, 60]
    page = book.open_sheet("indicators", widths, title=_("Indicators"))
    note = _("Every number is a formula: over the facts, the breakpoints and the weights.")
    page.write(1, 0, note, book.formats["label"])
    heads = [
        *(_("No."), _("Name"), _("Unit"), _("Value"), _("State"), _("Weight"), _("Applies"), _("Score proven")),
        *(_("Score reachable"), _("Weights of children"), _("Weight in force"), _("Points proven")),
        *(_("Points reachable"), _("Formula")),
    ]
    page.write_row(3, 0, heads, book.formats["head"])
    nodes = book.sheet.scheme.nodes
    book.node_rows = {node.id: row for row, node in enumerate(nodes, start=FIRST_ROW)}
    for node in nodes:
        if isinstance(node, Indicator):
            _write_leaf(book, page, node)
        else:
            _write_node(book, page, node)
        _write_shares(book, page, node)
    page.set_column(SUM, SUM, 10, book.formats["text"], {"hidden": True})
    page.freeze_panes(FIRST_ROW, 2)


def _here(book: Book, node_id: str, column: int) -> str:
    return str(xl_rowcol_to_cell(book.node_rows[node_id], column, col_abs=True))


def _children(book: Book, node: Node, column: int) -> list[Child]:
    return [
        Child(_here(book, c.id, column), _here(book, c.id, WEIGHT), _here(book, c.id, APPLIES)) for c in node.children
    ]


def _write_node(book: Book, page: Any, node: Node) -> None:
    row, style = book.node_rows[node.id], book.formats["node"]
    is_root = node.parent_id is None
    page.write(row, ID, "" if is_root else node.id, style)
    page.write(row, NAME, _("Total") if is_root else describe(value=node.name), style)
    for column in (UNIT, VALUE, STATE, FORMULA):
        page.write_blank(row, column, None, style)
    number = book.formats["node_number"]
    page.write_number(row, WEIGHT, node.weight, book.formats["node_number"])
    applying = [_here(book, child.id, APPLIES) for child in node.children]
    applies = 1.0 if any(_applies(book, leaf) for leaf in _leaves(node)) else 0.0
    page.write_formula(row, APPLIES, f"=MAX({','.join(applying)})", number, applies)
    own = _here(book, node.id, APPLIES)
    for column, scores in ((PROVEN, book.result.unrounded_proven), (REACHABLE, book.result.unrounded_reachable)):
        formula = aggregate_formula(node=node, children=_children(book, node, column))
        cached = book.number(scores[node.id])
        if formula is None:
            # No formula writes this method: the engine's number stands.
            page.write(row, column, cached, number)
        else:
            page.write_formula(row, column, f"=IF({own}=0,0,{formula})", number, cached or 0.0)
    weights = "+".join(f"{c.weight}*{c.applies}" for c in _children(book, node, PROVEN))
    total = sum(c.weight for c in node.children if any(_applies(book, leaf) for leaf in _leaves(c)))
    page.write_formula(row, SUM, f"={weights}", number, total)


def _leaves(node: Node) -> list[Indicator]:
    if isinstance(node, Indicator):
        return [node]
    return [leaf for child in node.children for leaf in _leaves(child)]


def _applies(book: Book, one: Indicator) -> bool:
    return one.not_applicable == "full_score" or int(book.result.state[one.id][0]) != 2


def _write_shares(book: Book, page: Any, node: Node) -> None:
    """Write what share of the total the node carries and what it brings: its siblings' weights where one leaves."""
    row = book.node_rows[node.id]
    style = book.formats["points" if isinstance(node, Indicator) else "node_number"]
    leaves = _leaves(node)
    share = sum(float(book.result.weights_in_force[leaf.id][0]) for leaf in leaves)
    if node.parent_id is None:
        page.write_formula(row, IN_FORCE, f"=100*{_here(book, node.id, APPLIES)}", style, share)
    else:
        parent = node.parent_id
        above = f"{_here(book, parent, IN_FORCE)}/{_here(book, parent, SUM)}"
        own = f"{_here(book, node.id, WEIGHT)}*{_here(book, node.id, APPLIES)}"
        page.write_formula(row, IN_FORCE, f"=IFERROR({own}*{above},0)", style, share)
    sides = ((POINTS, PROVEN, book.result.unrounded_proven), (BEST, REACHABLE, book.result.unrounded_reachable))
    for column, score, scores in sides:
        value = book.number(scores[node.id])
        points = share * value / 100 if isinstance(value, float) else 0.0
        formula = f"={_here(book, node.id, IN_FORCE)}*N({_here(book, node.id, score)})/100"
        page.write_formula(row, column, formula, style, points)


def _write_leaf(book: Book, page: Any, one: Indicator) -> None:
    row, formats = book.node_rows[one.id], book.formats
    page.write(row, ID, one.id, formats["text"])
    page.write(row, NAME, describe(value=one.name), formats["wrap"])
    page.write(row, UNIT, one.unit or "", formats["text"])
    page.write_number(row, WEIGHT, one.weight, formats["weight"])
    page.write(row, FORMULA, _formula_text(one), formats["mono"])
    left_out = _left_out(book, one)
    is_out = int(book.result.state[one.id][0]) == 2
    applies = "1" if one.not_applicable == "full_score" else f"1-{left_out}"
    page.write_formula(row, APPLIES, f"={applies}", formats["flag"], 1.0 if _applies(book, one) else 0.0)
    value, proven, reachable = _leaf_formulas(book, one)
    full = "100" if one.not_applicable == "full_score" else "0"
    blank = f'IF({left_out}=1,"",'
    cached = book.number(book.result.values[one.id])
    if value is None:
        page.write(row, VALUE, cached, formats["value"])
    else:
        page.write_formula(row, VALUE, f"={blank}{value})", formats["value"], cached)
    sides = ((PROVEN, proven, book.result.proven), (REACHABLE, reachable, book.result.reachable))
    for column, formula, scores in sides:
        score = book.number(scores[one.id])
        if formula is None:
            page.write(row, column, score, formats["score"])
        else:
            text = f"=IF({left_out}=1,{full},{formula})"
            page.write_formula(row, column, text, formats["score"], 0.0 if is_out and score == "" else score)
    _write_state(book, page, one, left_out)


def _formula_text(one: Indicator) -> str:
    if one.score.method == "checklist":
        return " + ".join(item["key"] for item in one.score.options["items"])
    return one.formula or str(one.score.options.get("test", ""))


def _left_out(book: Book, one: Indicator) -> str:
    """Return 1 where the indicator is known not to apply, else 0, as a spreadsheet expression."""
    expression = book.sheet.scheme.expressions.get(f"{one.id}?applicable")
    if expression is None:
        return "0"
    return f"({flag_formula(expression=expression, locate=book.locate)}=0)*1"


def _leaf_formulas(book: Book, one: Indicator) -> tuple[str | None, str | None, str | None]:
    """Return value, proven and reachable score as spreadsheet expressions; None where the engine's number stands."""
    scheme = book.sheet.scheme
    decimals = scheme.rounding
    if one.score.method == "checklist":
        value, *sides = checklist_formulas(indicator=one, locate=book.locate)
        proven, reachable = (rounded(formula=side, decimals=decimals.score) for side in sides)
        return value, proven, reachable
    cell = _here(book, one.id, VALUE)

    def locate(key: str) -> str:
        return cell if key == "value" else book.locate(key)

    test = boolean_test(indicator=one, scheme=scheme, locate=locate)
    expression = scheme.expressions.get(one.id)
    if expression is not None:
        raw = number_formula(expression=expression, locate=book.locate)
    elif test is not None:
        raw = f"IF({test},1,0)"
    else:
        return None, None, None
    value = f'IFERROR({rounded(formula=raw, decimals=decimals.value)},"")'
    score = score_formula(indicator=one, value=cell, block=book.blocks.get(one.id), test=test)
    if score is None or scheme.missing.method != "zero":
        return value, None, None
    score = rounded(formula=score, decimals=decimals.score)
    if one.score.method != "boolean" or "value" in scheme.expressions[f"{one.id}?test"].columns:
        score = f"IF(ISNUMBER({cell}),{score},NA())"
    worst, best = _ends(one)
    return value, f"IFERROR({score},{worst})", f"IFERROR({score},{best})"


def _ends(one: Indicator) -> tuple[float, float]:
    options = one.score.options
    if "range" in options:
        return float(options["range"][0]), float(options["range"][1])
    if one.score.method == "distance_to_target":
        return 0.0, float(options.get("cap") or 100.0)
    return 0.0, 100.0


def state_names() -> Sequence[str]:
    """Return the states in words, in the order of the engine's codes."""
    return (_("scored"), _("unknown"), _("not applicable"), _("partly known"))


def _write_state(book: Book, page: Any, one: Indicator, left_out: str) -> None:
    scored, unknown, out, partly = state_names()
    row = book.node_rows[one.id]
    if one.score.method == "checklist":
        cells = ",".join(book.locate(item["key"]) for item in one.score.options["items"])
        count = len(one.score.options["items"])
        known = f'IF(COUNT({cells})=0,"{unknown}",IF(COUNT({cells})<{count},"{partly}","{scored}"))'
    else:
        known = f'IF(ISNUMBER({_here(book, one.id, VALUE)}),"{scored}","{unknown}")'
    cached = state_names()[int(book.result.state[one.id][0])]
    page.write_formula(row, STATE, f'=IF({left_out}=1,"{out}",{known})', book.formats["text"], cached)
