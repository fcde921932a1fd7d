from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EnergyConfig(AppConfig):
    """Contributes meters, their use, tariffs and the metering audit."""

    name = "parkbrain.energy"
    verbose_name = _("Energy")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import registry
        from parkbrain.kernel.roles import Permission
        from parkbrain.lifecycle.queries.land import energy_sources

        from . import facts as facts  # importing registers them
        from . import jobs, queries, tables

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        registry.api_parts.add("energy", registry.ApiPart("energy", _("Energy"), "parkbrain.energy.api.router"))
        registry.nav.add(
            "energy.meters",
            registry.NavItem(
                _("Energy"),
                "energy_home",
                "energy",
                45,
                Permission.VIEW_TELEMETRY,
                prefixes=("/meters/", "/energy/", "/parks/<park>/energy/"),
                needs_park=True,
            ),
        )
        registry.search.add(
            "energy.meters", lambda user, text, limit: queries.find_meter_hits(user=user, text=text, limit=limit)
        )
        registry.panels.add(
            "energy.firm",
            registry.Panel(
                "enterprises.enterprise",
                "energy/panel_firm.html",
                lambda request, firm: queries.get_firm_panel(user=request.user, enterprise=firm),
                order=20,
            ),
        )
        energy_sources.add("energy.meters", queries.get_firms_energy)
        due = registry.AttentionKind(_("Calibrations due"), queries.list_calibration_attention)
        registry.attention.add("energy.calibrations", due)
        registry.event_followers.add("energy.readings", jobs.follow_readings)
        registry.event_followers.add("energy.leases", jobs.follow_leases)
        self._contribute_takers()
        self._add_consequences()
        self._contribute_sentences()
        self._contribute_reports()
        self._describe_charges()
        self._contribute_tiles()
        self._describe_clauses()
        self._describe_events()

    def _contribute_reports(self) -> None:
        from functools import partial

        from parkbrain.kernel.registry import PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import reports, tables

        make = partial(reports.make_audit_report, columns=tables.audit_columns)
        audit = PageReport(_("Metering audit"), make, Permission.VIEW_TELEMETRY, kinds=("pdf", "xlsx"))
        page_reports.add("energy.audit", audit)

    def _contribute_takers(self) -> None:
        from parkbrain.kernel import taking

        from . import takers

        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        for part in takers.SETUP:
            taking.setup_parts.add(part.key, part)

    def _add_consequences(self) -> None:
        from parkbrain.kernel import bulk

        # What follows from readings, bindings and tariffs goes with the meter it is about.
        for name in ("dayuse", "meterbasis", "readmark", "recomputed", "monthstatement", "statementline"):
            bulk.consequences.add(f"energy.{name}", Q())
        # What nobody has judged is found again; a judgment is a person's.
        bulk.consequences.add("energy.odduse", Q(state="OPEN"))

    def _describe_charges(self) -> None:
        from parkbrain.billing import queries as billing

        from . import queries

        # Late readings and new tariffs change months that were billed: two months back every run asks again.
        source = billing.ChargeSource(
            "energy.statements",
            _("Energy by the meters"),
            queries.propose_charges,
            look_back_months=2,
            gaps=queries.list_gaps,
        )
        billing.charge_sources.add(source.key, source)
        billing.supply_costs.add("energy.electricity", queries.get_grid_cost)
        say = lambda values: queries.say_values(values=values)  # noqa: E731
        sentences = {
            "counted": _(
                "The meters of the firm counted %(metered)s %(unit)s of %(energy)s in %(month)s (%(meters)s)."
            ),
            "item": _("%(item)s: %(quantity)s %(unit)s at %(price)s yuan, tax included, are %(amount)s yuan."),
            "tariff": _("Prices by the tariff %(name)s of %(since)s. %(source)s"),
            "measured": _("%(share)s of the time was measured; the rest is interpolated between readings."),
            "shared": _(
                "%(item)s of the park in %(month)s was %(whole)s %(unit)s, shared out %(by)s: "
                "%(weight)s of %(weights)s are %(quantity)s %(unit)s."
            ),
            "coefficient": _(
                "Coefficient %(coefficient)s = (common use %(public)s + loss %(loss)s) ÷ sum of the meters %(metered)s; "
                "the supply was %(supply)s %(unit)s."
            ),
            "mean_price": _(
                "Price of a unit = supply bill %(bill)s yuan ÷ %(supply)s %(unit)s = %(price)s yuan, tax included."
            ),
            "tax_within": _("Of the %(gross)s yuan, %(tax)s are tax at %(rate)s."),
            "not_known": _("%(firm)s: %(energy)s of %(month)s is not wholly known, so it is not charged yet."),
        }
        for code, sentence in sentences.items():
            billing.describe_reason(code=f"energy.{code}", sentence=sentence, words=say)

    def _describe_clauses(self) -> None:
        from parkbrain.billing import queries as billing

        from . import queries

        say = lambda values: queries.say_values(values=values)  # noqa: E731
        clauses = {
            "clause_tariff": _("By the utilities clause of lease %(lease)s, %(energy)s is charged by its own meters."),
            "clause_share": _(
                "By the utilities clause of lease %(lease)s: %(share)s of %(of)s of %(energy)s, %(whole)s %(unit)s in "
                "%(month)s, on %(days)s of %(month_days)s days = %(quantity)s %(unit)s."
            ),
            "share_unknown": _(
                "%(firm)s, lease %(lease)s: a share of the %(energy)s of %(month)s is not charged, because the park's use "
                "or its price is not known."
            ),
            "other_tariff": _(
                "%(firm)s: lease %(lease)s names the tariff “%(tariff)s” for %(energy)s, which nobody has recorded for all "
                "its days in %(month)s; nothing is charged until it is recorded or the clause is changed."
            ),
            "no_meter": _(
                "%(firm)s: by lease %(lease)s %(energy)s is charged by its own meters, and no meter serves it in %(month)s; "
                "nothing is charged until one does or the clause is changed."
            ),
            "worked_out_anew": _(
                "%(firm)s: %(energy)s of %(month)s is being worked out anew, because its lease names another tariff now; "
                "preview again in a moment."
            ),
        }
        for code, sentence in clauses.items():
            billing.describe_reason(code=f"energy.{code}", sentence=sentence, words=say)

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("energy.meter.added", _("The meter %(target)s was recorded"))
        audit.describe("energy.meter.changed", _("The entry of the meter %(target)s was changed"))
        audit.describe("energy.meter.point_bound", _("%(target)s is shown by the point %(point)s"))
        audit.describe("energy.meter.placed", _("%(target)s stands below %(parent)s from %(starts_on)s"))
        audit.describe("energy.meter.serves", _("%(target)s serves %(what)s from %(starts_on)s"))
        audit.describe("energy.meter.serves_no_longer", _("%(target)s serves %(what)s until %(ends_on)s"))
        audit.describe("energy.meter.swapped", _("%(target)s was exchanged: from %(end_reading)s to %(start_reading)s"))
        audit.describe("energy.meter.swap_taken_back", _("The exchange of %(target)s was taken back"))
        audit.describe("energy.meter.calibrated", _("%(target)s was calibrated on %(done_on)s"))
        audit.describe("energy.odd_use.settled", _("It was said what odd use was: %(target)s – %(note)s"))
        audit.describe("energy.need.added", _("The place %(target)s has to be metered"))
        audit.describe("energy.need.changed", _("The place to be metered %(target)s was changed"))
        audit.describe(
            "energy.reading.repaired", _("The reading %(target)s counts %(value)s, not %(original)s: %(reason)s")
        )
        audit.describe("energy.reading.repair_taken_back", _("The reading %(target)s counts as it was read again"))
        audit.describe(
            "energy.use.recomputed",
            _("%(target)s was worked out anew for %(days)s days from %(starts_on)s: %(before)s became %(after)s"),
        )
        audit.describe("energy.tariff.recorded", _("The tariff %(target)s was recorded"))
        audit.describe("energy.rule.recorded", _("The sharing rule %(target)s was recorded"))
        audit.describe(
            "energy.plan.recorded", _("The plan of %(kind)s was changed for %(months)s months from %(first)s")
        )
        audit.describe("energy.driver.added", _("The driver of use %(target)s was recorded"))
        audit.describe("energy.driver.months_recorded", _("%(months)s months of %(target)s were recorded"))
        audit.describe("energy.baseline.added", _("The energy baseline %(target)s was recorded"))
        audit.describe("energy.baseline.changed", _("The energy baseline %(target)s was changed"))
        audit.describe("energy.baseline.removed", _("The energy baseline %(target)s was removed"))
        audit.describe("energy.statement.changed", _("%(target)s was worked out anew"))

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_energy_tile, get_odd_tile

        tiles.add(
            "energy.now",
            Tile(
                _("Energy now"),
                _("The load of the newest hour against what was to be expected, and the use of the day and the month."),
                get_energy_tile,
                {OPERATOR_HOME: 70},
                Permission.VIEW_TELEMETRY,
                is_slow=True,
            ),
        )
        tiles.add(
            "energy.odd",
            Tile(
                _("Alarms of energy"),
                _("Use that was not as usual in the last four weeks and that nobody has judged."),
                get_odd_tile,
                {OPERATOR_HOME: 100},
                Permission.VIEW_TELEMETRY,
            ),
        )

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "energy.use",
            SentenceMaker(_("Energy"), ask.say_energy, Permission.VIEW_TELEMETRY),
        )
