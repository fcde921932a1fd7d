"""The schedule of an agreement: every line of its fees from the first to the last day, with all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .clauses import DAY, PRICED, Clause, Concession
from .concessions import Limits, take_concession
from .lines import CENT, ZERO, Deduction, Line
from .months import due_day
from .pieces import Draft, Piece, draft_lines, exact_amount
from .prices import Price, Step, round_to
from .taxes import with_tax
from .terms import PER_PIECE, Agreement, Figures
from .turnover import turnover_lines


def schedule(
    agreement: Agreement,
    figures: Figures | None = None,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Line]:
    """Return the lines that touch ``[from_on, to_on)``, or all of the term.

    Lines of one kind and premises follow each other without a gap or overlap, cut at billing periods and where another
    version comes into force. Free periods make a line smaller or zero, never absent. Concessions with a limit are used
    up in the order of the days. A line whose index or turnover is unknown has no amounts.

    Parameters
    ----------
    agreement
        Term, versions, premises and clauses.
    figures
        Index values and reported turnover; what is absent is unknown.
    from_on, to_on
        Only lines that touch these days, half-open [date].

    Returns
    -------
    list of Line
        In order of first day, kind (rent, property fee, turnover rent) and premises.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from datetime import date
    >>> from parkbrain.calc.leases import Place, Rent, Terms, Version
    >>> place = Place("101", Decimal(100), date(2026, 1, 15), date(2026, 4, 1))
    >>> version = Version(date(2026, 1, 15), Terms(), [place], [Rent(price_yuan_per_m2=Decimal("62.00"))])
    >>> agreement = Agreement(date(2026, 1, 15), date(2026, 4, 1), [version])
    >>> [(line.starts_on.isoformat(), str(line.gross_yuan)) for line in schedule(agreement)]
    [('2026-01-15', '3400.00'), ('2026-02-01', '6200.00'), ('2026-03-01', '6200.00')]
    """
    figures = figures or Figures()
    begin, end = from_on or agreement.starts_on, to_on or agreement.last_on
    # What was used of a limit before the window counts, and natural breakpoints need the base rent of their period.
    everything = any(_needs_history(c) for v in agreement.versions for c in v.clauses)
    drafts = draft_lines(agreement, figures, agreement.starts_on if everything else begin, end)
    limits = Limits()
    lines = [_line(draft, limits) for draft in drafts]
    lines += turnover_lines(agreement, figures, lines)
    lines = [line for line in lines if line.starts_on < end and line.ends_on > begin]
    order = {kind: n for n, kind in enumerate(PRICED)}
    lines.sort(key=lambda line: (line.starts_on, order.get(line.kind, 9), line.place))
    return lines


def _needs_history(clause: Clause) -> bool:
    if isinstance(clause, Concession):
        return not (clause.limit_yuan is None and clause.limit_yuan_per_m2 is None and clause.limit_months is None)
    return clause.KIND == "TURNOVER_RENT"


@dataclass(slots=True)
class _Sum:
    """A line while its pieces are added up."""

    exact: Decimal = ZERO
    factor: Decimal = ZERO
    freed: Decimal = ZERO
    free_step: Step | None = None
    taken: dict[str, Deduction] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    is_known: bool = True


def _line(draft: Draft, limits: Limits) -> Line:
    terms, area = draft.version.terms, draft.place.area_m2
    sums = _Sum()
    price: Price | None = None
    run: list[Piece] = []
    for piece in draft.pieces:
        if run and not _same(run[-1], piece):
            _add_run(run, draft, sums, limits)
            run = []
        if piece.price is not price:
            price = piece.price
            sums.steps += price.steps
        run.append(piece)
    _add_run(run, draft, sums, limits)
    tax = draft.tax
    rate = tax.rate_percent if tax else ZERO
    due = due_day(terms, draft.begin, draft.end)
    prices = {p.price.yuan_per_m2 for p in draft.pieces}
    unit = prices.pop() if len(prices) == 1 else None
    shared = (draft.kind, draft.place.code, draft.begin, draft.end, due, area, unit, price.per if price else "MONTH")
    if not sums.is_known:
        return Line(*shared, None, None, rate, None, None, (), tuple(sums.steps))
    amount = round_to(sums.exact, terms.round_to_yuan)
    if amount != sums.exact:
        sums.steps.append(
            Step("rounded", {"exact": sums.exact.quantize(Decimal("0.0001")), "step": terms.round_to_yuan})
        )
    net, duty, gross = with_tax(amount, tax, sums.steps)
    deductions = tuple(d for d in sums.taken.values() if d.amount_yuan)
    return Line(*shared, sums.factor, net, rate, duty, gross, deductions, tuple(sums.steps))


def _same(a: Piece, b: Piece) -> bool:
    """Tell whether two pieces are said in one step: full months or days at one price, free alike."""
    return (
        a.price is b.price
        and a.free is b.free
        and a.concessions == b.concessions
        and (a.numerator == a.denominator) == (b.numerator == b.denominator)
        and (a.price.per == DAY or a.numerator == a.denominator)
    )


def _add_run(run: Sequence[Piece], draft: Draft, sums: _Sum, limits: Limits) -> None:
    """Add pieces that are said in one step."""
    terms, area = draft.version.terms, draft.place.area_m2
    before = owed = factor = ZERO
    for piece in run:
        exact = exact_amount(piece, area)
        if exact is None:
            sums.is_known = False
            return
        part = Decimal(piece.numerator) / piece.denominator
        factor += part
        before += exact
        if piece.free is not None:
            _deduct(sums, "FREE", exact, piece.free[2], "")
            continue
        for clause in piece.concessions:
            exact = take_concession(clause, exact, part, draft, limits, sums.taken)
        owed += round_to(exact, terms.round_to_yuan) if terms.round_at == PER_PIECE else exact
    sums.exact += owed
    sums.factor += factor
    first, price = run[0], run[0].price
    part_said = f"{first.numerator}/{first.denominator}" if first.numerator != first.denominator else str(len(run))
    values = {
        "starts_on": first.begin,
        "ends_on": run[-1].end,
        "area": area,
        "basis": draft.place.basis,
        "price": price.yuan_per_m2,
        "part": str(int(factor)) if price.per == DAY else part_said,
        "per": price.per,
        "amount": before.quantize(CENT),
    }
    sums.steps.append(Step("piece", values))
    if first.free is not None:
        sums.steps.append(
            Step(first.free[2].code, {**first.free[2].values, "amount": before.quantize(CENT)}, first.free[2].ref)
        )
    for clause in first.concessions if first.free is None else ():
        sums.steps.append(limits.step(clause, draft.place))


def _deduct(sums: _Sum, code: str, amount: Decimal, step: Step, label: str) -> None:
    old = sums.taken.get(step.ref or step.code)
    kept = amount.quantize(CENT) + (old.amount_yuan if old else ZERO)
    sums.taken[step.ref or step.code] = Deduction(code, kept, step.ref, label)
