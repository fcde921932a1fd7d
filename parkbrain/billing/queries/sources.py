"""Where charges come from: higher modules register what they know, and say in sentences why a charge is what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from parkbrain.kernel.registry import Registry

Words = Callable[[Mapping[str, Any]], Mapping[str, str]]


@dataclass(frozen=True)
class Reason:
    """One step of the explanation of a charge, without a language: a code, its values, and the row it opens.

    Values are what JSON holds: texts, whole numbers, decimals as texts, days as ISO dates.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    url_name: str = ""
    url_args: tuple[int | str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the step as it is stored beside its charge."""
        return {"code": self.code, "values": dict(self.values), "url": [self.url_name, list(self.url_args)]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Reason:
        """Return the step that was stored."""
        name, args = stored.get("url") or ("", [])
        return cls(str(stored["code"]), dict(stored["values"]), str(name), tuple(args))


@dataclass(frozen=True)
class ProposedCharge:
    """What a firm owes by a rule that a module knows: money is yuan, already rounded where the rule says.

    `key` names the charge for ever: the same rule and period propose the same key, so that a run may be repeated.
    `period` is half-open; `net + tax = gross`.
    """

    key: str
    enterprise_id: int
    kind: str
    starts_on: date
    ends_on: date
    due_on: date
    net_yuan: Decimal
    tax_rate: Decimal
    tax_yuan: Decimal
    premises_id: int | None = None
    quantity: Decimal | None = None
    unit: str = ""
    unit_price_yuan: Decimal | None = None
    reasons: Sequence[Reason] = ()

    @property
    def gross_yuan(self) -> Decimal:
        """What is to be paid."""
        return self.net_yuan + self.tax_yuan


class CannotPropose(Exception):
    """A source cannot say what a month owes; the reason is said in the reader's language."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True)
class ChargeSource:
    """A module's charges: `charges(*, park, starts_on, ends_on)` proposes all that the month [starts_on, ends_on) owes.

    It proposes the same for the same rows, and everything of the month each time; billing finds out what is new, what
    is billed already, and what a correction changed. Where it cannot, it raises `CannotPropose`, and the run waits.
    `look_back_months` is for how many months before it is asked again in every run, so that late corrections are found.
    `gaps(*, park, starts_on, ends_on)` says what of the month it cannot charge yet, and why; the run goes on without it.
    `months(*, park, months)` answers for several months at once, each by its first day, exactly as `charges` would one by
    one; a source that can refuse a month has none.
    """

    key: str
    label: str | Promise
    charges: Callable[..., Sequence[ProposedCharge]]
    look_back_months: int = 0
    gaps: Callable[..., Sequence[Reason]] | None = None
    months: Callable[..., Mapping[date, Sequence[ProposedCharge]]] | None = None


charge_sources: Registry[ChargeSource] = Registry("source of charges")
#: What the park itself paid for a month's electricity: `(*, park, month_on)` → yuan with tax, or None where unknown.
supply_costs: Registry[Callable[..., Decimal | None]] = Registry("cost of supply")
reasons: Registry[tuple[str | Promise, Words | None]] = Registry("sentence of a charge")


def describe_reason(*, code: str, sentence: str | Promise, words: Words | None = None) -> None:
    """Register the sentence of a reason; `%(name)s` of its values may stand in it, `words` says them in a language."""
    reasons.add(code, (sentence, words))


def reason_sentences(*, steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the stored steps of an explanation as sentences in the active language."""
    return [one.text for one in explain_reasons(steps=steps)]


@dataclass(frozen=True)
class Said:
    """A step of an explanation in words, and the page that shows its row (empty where there is none)."""

    text: str
    url: str = ""


def explain_reasons(*, steps: Sequence[Mapping[str, Any]], links: bool = True) -> list[Said]:
    """Return the stored steps as sentences in the active language, with the pages they open for those who may."""
    said = []
    for step in map(Reason.from_json, steps):
        known = reasons.get(step.code)
        if known is None:
            said.append(Said(_("Reason %(code)s, which this version does not know.") % {"code": step.code}))
            continue
        sentence, words = known
        text = str(sentence) % {**step.values, **(words(step.values) if words else {})}
        said.append(Said(text, _url_of(step) if links else ""))
    return said


def _url_of(step: Reason) -> str:
    try:
        return reverse(step.url_name, args=step.url_args) if step.url_name else ""
    except NoReverseMatch:
        # The page is gone in this version; the sentence still holds.
        return ""
