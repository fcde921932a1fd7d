"""Whose money a line of the bank is: by the bill's number, the payer's name and the amount, with the reasons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from parkbrain.calc.matching import jaro_winkler_many, plain_names

SURE, DOUBTFUL, UNKNOWN = "SURE", "DOUBTFUL", "UNKNOWN"
#: From this likeness on a name is taken to mean a firm, where the amount agrees or a person says so.
ALIKE = 0.9
#: The shortest name that is looked for within a longer one.
SHORTEST = 4
NUMBER = re.compile(r"\d{6}-\d{4,6}")


@dataclass(frozen=True)
class OpenBill:
    """A bill as money is held against it; `open_yuan` is zero where it is paid."""

    key: int
    number: str
    firm: int
    open_yuan: Decimal


@dataclass(frozen=True)
class Match:
    """Whose money it is taken to be, which bill it names, how sure that is, and why: codes with their values."""

    outcome: str
    firm: int | None = None
    bill: int | None = None
    reasons: tuple[tuple[str, str], ...] = ()


class Matcher:
    """Firms and bills of a park, prepared once for the lines of a file.

    Parameters
    ----------
    firms
        Names of each firm by its key, in any language.
    bills
        Bills with their open amounts [yuan].
    known_payers
        Payers as they were booked before, with the firm whose money it was: a parent that pays for its firm.

    Examples
    --------
    >>> matcher = Matcher({1: ["深圳市星河机器人有限公司"]}, [OpenBill(7, "202606-0001", 1, Decimal(50))])
    >>> found = matcher.match("星河机器人", "六月账单 202606-0001", Decimal(50))
    >>> found.outcome, found.bill, [code for code, _value in found.reasons]
    ('SURE', 7, ['number', 'alike', 'amount'])
    """

    def __init__(
        self,
        firms: Mapping[int, Sequence[str]],
        bills: Sequence[OpenBill],
        known_payers: Mapping[str, int] | None = None,
    ) -> None:
        pairs = [(key, name) for key, names in firms.items() for name in names if name]
        self._keys = [key for key, _name in pairs]
        self._names = plain_names([name for _key, name in pairs]) if pairs else []
        self._by_number = {bill.number: bill for bill in bills}
        self._open: dict[int, list[OpenBill]] = defaultdict(list)
        for bill in bills:
            if bill.open_yuan > 0:
                self._open[bill.firm].append(bill)
        payers = known_payers or {}
        self._payers = dict(zip(plain_names(list(payers)), payers.values(), strict=True)) if payers else {}

    def match(self, payer: str, purpose: str, amount: Decimal) -> Match:
        """Return whose money an amount [yuan] is; two signs that agree are sure, a single one is asked about."""
        named = next((self._by_number[n] for n in NUMBER.findall(purpose) if n in self._by_number), None)
        firm, likeness = self._firm_of(payer)
        reasons: list[tuple[str, str]] = []
        if named is not None:
            reasons.append(("number", named.number))
            if firm is not None and firm != named.firm:
                # Somebody else pays the bill: whether that is meant, a person says.
                return Match(DOUBTFUL, named.firm, named.key, (*reasons, ("other_name", payer)))
        if firm is not None:
            reasons.append(("name" if likeness == 1 else "alike", f"{likeness:.2f}"))
        owner = named.firm if named is not None else firm
        bill, fits = self._fitting(owner, named, amount)
        if fits:
            reasons.append(("amount", str(amount)))
        if owner is None:
            return self._by_amount(amount)
        sure = named is not None or likeness == 1 or fits
        return Match(SURE if sure else DOUBTFUL, owner, bill, tuple(reasons))

    def _firm_of(self, payer: str) -> tuple[int | None, float]:
        if not payer.strip() or not self._names:
            return None, 0.0
        plain = plain_names([payer])[0]
        same = {key for key, name in zip(self._keys, self._names, strict=True) if name == plain}
        if len(same) == 1:
            return same.pop(), 1.0
        if plain in self._payers:
            return self._payers[plain], 1.0
        scores = jaro_winkler_many([plain] * len(self._names), self._names)
        # Banks leave the city before a name out, or write a department behind it.
        inside = [min(len(plain), len(n)) >= SHORTEST and (plain in n or n in plain) for n in self._names]
        scores[np.array(inside)] = np.maximum(scores[np.array(inside)], ALIKE)
        best = int(scores.argmax())
        return (self._keys[best], float(scores[best])) if scores[best] >= ALIKE else (None, 0.0)

    def _fitting(self, firm: int | None, named: OpenBill | None, amount: Decimal) -> tuple[int | None, bool]:
        """Return the bill that is meant, and whether the amount is what a bill or all of them have open."""
        if firm is None:
            return None, False
        if named is not None:
            return named.key, named.open_yuan == amount
        bills = self._open[firm]
        equal = [bill for bill in bills if bill.open_yuan == amount]
        if equal:
            return equal[0].key, True
        return None, bool(bills) and sum((b.open_yuan for b in bills), Decimal(0)) == amount

    def _by_amount(self, amount: Decimal) -> Match:
        equal = [bill for bills in self._open.values() for bill in bills if bill.open_yuan == amount]
        if len(equal) == 1:
            return Match(DOUBTFUL, equal[0].firm, equal[0].key, (("only_amount", str(amount)),))
        return Match(UNKNOWN, reasons=(("nothing", ""),))
