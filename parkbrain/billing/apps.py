from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Contributes charges, bills, payments and arrears."""

    name = "parkbrain.billing"
    verbose_name = _("Billing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import registry, taking
        from parkbrain.kernel.roles import Permission
        from parkbrain.ui.asof import day_of

        from . import facts as facts  # importing registers them
        from . import queries, tables, takers

        taking.takers.add(takers.TAKER.key, takers.TAKER)

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for part in takers.SETUP:
            taking.setup_parts.add(part.key, part)
        registry.nav.add(
            "billing.home",
            registry.NavItem(
                _("Billing"),
                "billing_home",
                "file",
                27,
                Permission.VIEW_MONEY,
                prefixes=("/bills/", "/payments/", "/deposits/", "/billing/", "/parks/<park>/billing/"),
                needs_park=True,
            ),
        )
        registry.panels.add(
            "billing.firm",
            registry.Panel(
                "enterprises.enterprise",
                "billing/panel_money.html",
                lambda request, firm: queries.get_money_panel(user=request.user, enterprise=firm, on=day_of(request)),
                order=15,
            ),
        )
        registry.search.add(
            "billing.bills", lambda user, text, limit: queries.find_bill_hits(user=user, text=text, limit=limit)
        )
        registry.attention.add("billing", registry.AttentionKind(_("Billing"), queries.list_attention))
        registry.api_parts.add("billing", registry.ApiPart("billing", _("Billing"), "parkbrain.billing.api.router"))
        queries.charge_sources.add(queries.MANUAL_SOURCE.key, queries.MANUAL_SOURCE)
        self._add_rules()
        self._contribute_tiles()
        self._contribute_sentences()
        self._contribute_reports()
        self._describe_reasons()
        self._describe_events()

    def _add_rules(self) -> None:
        from parkbrain.kernel import approvals
        from parkbrain.kernel.roles import Permission

        from . import services

        approvals.rules.add(
            services.RUN,
            approvals.Rule(
                describe=services.describe_run_approval,
                permission=Permission.MANAGE_MONEY,
                carry_out=services.carry_out_run,
                link=lambda params: reverse("billing_run", args=[params["run"]]),
            ),
        )
        approvals.rules.add(
            services.WRITE_OFF,
            approvals.Rule(
                describe=services.describe_write_off,
                permission=Permission.MANAGE_MONEY,
                carry_out=services.carry_out_write_off,
                link=lambda params: reverse("bill_detail", args=[params["bill"]]),
            ),
        )

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_money_tile

        tiles.add(
            "billing.money",
            Tile(
                _("Money"),
                _("What is overdue, what is open, and what of the newest bills has come."),
                get_money_tile,
                {OPERATOR_HOME: 60},
                Permission.VIEW_MONEY,
            ),
        )

    def _contribute_reports(self) -> None:
        from functools import partial

        from parkbrain.kernel.registry import LAST_MONTH, MONTH_SO_FAR, PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import reports, tables

        bills = partial(reports.make_bills_report, columns=tables.export_columns)
        arrears = partial(reports.make_arrears_report, columns=tables.arrears_columns)
        kinds, months, may = ("pdf", "xlsx"), (LAST_MONTH, MONTH_SO_FAR), Permission.VIEW_MONEY
        page_reports.add("billing.bills", PageReport(_("Bills of the month"), bills, may, kinds=kinds, periods=months))
        page_reports.add("billing.arrears", PageReport(_("Arrears"), arrears, may, kinds=kinds))
        run = partial(reports.make_run_report, columns=tables.export_columns)
        page_reports.add(
            "billing.run", PageReport(_("Bills of one run"), run, kinds=("pdf", "xlsx", "csv"), find=reports.find_run)
        )
        account = partial(reports.make_account_report, bills=tables.BILLS)
        page_reports.add(
            "billing.account", PageReport(_("Account statement"), account, kinds=kinds, find=reports.find_account)
        )

    def _describe_reasons(self) -> None:
        from .queries import describe_reason

        describe_reason(code="billing.manual", sentence=_("Entered by hand by %(who)s on %(on)s: %(reason)s"))
        describe_reason(
            code="billing.quantity_times_price",
            sentence=_("%(quantity)s %(unit)s at %(price)s yuan are %(net)s yuan."),
            words=_numbers(quantity=None, price=None, net=2),
        )
        describe_reason(
            code="billing.tax",
            sentence=_("Tax of %(rate)s on %(net)s yuan is %(tax)s yuan."),
            words=lambda values: {**_numbers(net=2, tax=2)(values), "rate": _percent(values["rate"])},
        )
        describe_reason(
            code="billing.override",
            sentence=_(
                "%(who)s set the amount to %(amount)s yuan on %(on)s, in the place of %(rule)s yuan by the rule: %(reason)s"
            ),
            words=_numbers(amount=2, rule=2),
        )
        describe_reason(
            code="billing.corrected",
            sentence=_("This corrects a charge that was billed with %(before)s yuan and is %(after)s yuan now."),
            words=_numbers(before=2, after=2),
        )
        describe_reason(
            code="billing.not_owed",
            sentence=_("This takes back a charge of %(before)s yuan that is not owed any more."),
            words=_numbers(before=2),
        )

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        amounts = _numbers(amount=2, before=2, gross=2)
        audit.describe("billing.run.begun", _("The bill run %(target)s was begun"))
        audit.describe("billing.run.previewed", _("The bill run %(target)s was previewed: %(charges)s charges"))
        audit.describe("billing.run.discarded", _("The bill run %(target)s was discarded"))
        audit.describe(
            "billing.run.approved", _("%(bills)s bills of the run %(target)s were issued: %(gross)s yuan"), amounts
        )
        audit.describe("billing.run.locked", _("The bill run %(target)s was locked"))
        audit.describe(
            "billing.charge.overridden",
            _("%(target)s was set to %(amount)s yuan in the place of %(before)s: %(reason)s"),
            amounts,
        )
        audit.describe("billing.override.undone", _("The amount set for %(target)s was taken back: %(reason)s"))
        audit.describe("billing.charge.entered", _("%(target)s was entered with %(amount)s yuan: %(reason)s"), amounts)
        audit.describe("billing.charge.taken_back", _("%(target)s, entered by hand, was taken back: %(reason)s"))
        audit.describe("billing.payment.received", _("%(amount)s yuan were received from %(firm)s"), amounts)
        audit.describe(
            "billing.payment.voided", _("The payment %(target)s was undone by a red entry: %(reason)s"), amounts
        )
        audit.describe("billing.payment.refunded", _("%(amount)s yuan were given back: %(reason)s"), amounts)
        audit.describe("billing.deposit.booked", _("Deposit: %(target)s, %(amount)s yuan"), amounts)
        audit.describe("billing.deposit.taken_in", _("Deposit: %(target)s, %(amount)s yuan, from a register"), amounts)
        audit.describe("billing.deposit.undone", _("Deposit: %(target)s was undone: %(reason)s"))
        audit.describe("billing.rules.changed", _("How %(target)s bills was changed"))
        audit.describe("billing.ladder.set", _("The dunning ladder was set: %(steps)s steps"))
        audit.describe(
            "billing.dunning.step_taken",
            _("The bill %(target)s was dunned: %(name)s"),
            lambda details: {"name": _in_words(details)},
        )
        audit.describe("billing.dunning.paused", _("%(target)s is not dunned until %(until)s: %(reason)s"))
        audit.describe("billing.dunning.pause_ended", _("%(target)s is dunned again: %(reason)s"))
        audit.describe(
            "billing.bill.written_off", _("%(amount)s yuan of the bill %(target)s were written off"), amounts
        )
        audit.describe(
            "billing.bank_file.taken",
            _("The bank file %(target)s was taken in: %(new)s new lines, %(known)s known ones"),
        )
        audit.describe("billing.bank_line.left_out", _("The line %(target)s of the bank was left out: %(reason)s"))
        audit.describe("billing.bill.invoiced", _("The bill %(target)s has the invoice %(invoice)s"))

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "billing.money",
            SentenceMaker(_("Money"), ask.say_money, Permission.VIEW_MONEY),
        )


def _in_words(details: Mapping[str, Any]) -> str:
    from parkbrain.kernel.names import localized

    chinese = str(details.get("step_zh", ""))
    return localized(zh_hans=chinese, zh_hant=chinese, en=str(details.get("step_en", "")))


def _percent(rate: str) -> str:
    from parkbrain.ui import formats

    return formats.percent(Decimal(rate), 2).replace(".00", "")


def _numbers(**places: int | None) -> Any:
    """Return what says these values as numbers of the language, with so many places."""

    def words(values: Mapping[str, Any]) -> dict[str, str]:
        from parkbrain.ui import formats

        return {
            name: formats.number(Decimal(str(values[name])), decimals)
            for name, decimals in places.items()
            if values.get(name) not in {None, ""}
        }

    return words
