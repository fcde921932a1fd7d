"""Tables of facilities: machines with their nameplates, and the hours they ran as somebody read them."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building, Storey


class EquipmentQuerySet(models.QuerySet["Equipment"]):
    """Filters over equipment."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> EquipmentQuerySet:
        """Keep the equipment of parks where the person sees firms (or may do more), and of the person's own firm."""
        condition = scope.branches_q(user, Permission(permission), field="park__branch__path")
        if permission == Permission.VIEW_ENTERPRISE and (own := scope.own_enterprise_codes(user)):
            condition |= Q(enterprise__uscc__in=own)
        return self.filter(condition)

    def in_use_on(self, on: date) -> EquipmentQuerySet:
        """Keep what was in use on a day; what has no first day counts from ever."""
        return self.filter(Q(commissioned_on__isnull=True) | Q(commissioned_on__lte=on)).filter(
            Q(retired_on__isnull=True) | Q(retired_on__gt=on)
        )


class Equipment(Named):
    """A machine with its nameplate: of the operator, or of the enterprise that it names."""

    class Kind(models.TextChoices):
        """Kinds that efficiency standards or inspection rules speak of."""

        TRANSFORMER = "TRANSFORMER", _("Transformer")
        MOTOR = "MOTOR", _("Motor")
        BOILER = "BOILER", _("Boiler")
        COMPRESSOR = "COMPRESSOR", _("Air compressor")
        CHILLER = "CHILLER", _("Chiller")
        PUMP = "PUMP", _("Pump")
        FAN = "FAN", _("Fan")
        LIFT = "LIFT", _("Lift")
        FORKLIFT = "FORKLIFT", _("Forklift")
        CRANE = "CRANE", _("Crane")
        PRESSURE_VESSEL = "PRESSURE_VESSEL", _("Pressure vessel")

    class IeClass(models.TextChoices):
        """Efficiency class of a motor (IEC 60034-30-1)."""

        IE1 = "IE1", "IE1"
        IE2 = "IE2", "IE2"
        IE3 = "IE3", "IE3"
        IE4 = "IE4", "IE4"
        IE5 = "IE5", "IE5"

    class LabelGrade(models.IntegerChoices):
        """Grade printed on the energy label; 4 stands for below the lowest."""

        ONE = 1, _("Grade 1")
        TWO = 2, _("Grade 2")
        THREE = 3, _("Grade 3")
        BELOW = 4, _("Below grade 3")

    #: Kinds whose energy use the standards rate: what counts as equipment in scope.
    RATED_KINDS = (Kind.TRANSFORMER, Kind.MOTOR, Kind.BOILER, Kind.COMPRESSOR, Kind.CHILLER, Kind.PUMP, Kind.FAN)

    park = models.ForeignKey(Park, models.CASCADE, related_name="equipment")
    code = models.CharField(_("equipment code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="equipment")
    storey = models.ForeignKey(Storey, models.PROTECT, null=True, blank=True, related_name="equipment")
    # Whose it is; the operator's where no firm is named.
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="equipment")
    manufacturer = models.CharField(_("manufacturer"), max_length=120, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    rated_kw = models.FloatField(_("rated power (kW)"), null=True, blank=True)
    rated_kva = models.FloatField(_("rated capacity (kVA)"), null=True, blank=True)
    ie_class = models.CharField(_("IE class"), max_length=4, choices=IeClass.choices, blank=True)
    label_grade = models.PositiveSmallIntegerField(
        _("grade on the label"), choices=LabelGrade.choices, null=True, blank=True
    )
    label_standard = models.CharField(_("standard of the label"), max_length=40, blank=True)
    made_year = models.PositiveSmallIntegerField(_("made in"), null=True, blank=True)
    commissioned_on = models.DateField(_("in use from"), null=True, blank=True)
    retired_on = models.DateField(_("out of use from"), null=True, blank=True)
    # The day a notice or plan sets for taking it out of use: catalogues name the model, notices the day.
    stop_by_on = models.DateField(_("to be stopped by"), null=True, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    last_inspected_on = models.DateField(_("last inspected on"), null=True, blank=True)
    inspection_due_on = models.DateField(_("inspection due on"), null=True, blank=True)
    # The counter or on/off point whose readings give its hours, by its code among the park's points.
    hours_point_code = models.CharField(_("point of running hours"), max_length=80, blank=True)

    objects = EquipmentQuerySet.as_manager()

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="equipment_code_once_per_park"),
            models.CheckConstraint(
                condition=Q(rated_kw__isnull=True) | Q(rated_kw__gt=0), name="equipment_power_positive"
            ),
            models.CheckConstraint(
                condition=Q(rated_kva__isnull=True) | Q(rated_kva__gt=0), name="equipment_capacity_positive"
            ),
            models.CheckConstraint(
                condition=Q(retired_on__isnull=True)
                | Q(commissioned_on__isnull=True)
                | Q(retired_on__gt=F("commissioned_on")),
                name="equipment_use_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def size_kw(self) -> float | None:
        """Its size for shares [kW]: the rated power, or the capacity of a transformer at a power factor of one."""
        return self.rated_kw if self.rated_kw is not None else self.rated_kva


class RunningHours(models.Model):
    """How long a machine ran in ``[starts_on, ends_on)``, as its log says."""

    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="hours")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    hours = models.FloatField(_("running hours"))

    class Meta:
        ordering = ["equipment", "-starts_on"]
        verbose_name = _("running hours")
        constraints = [
            models.UniqueConstraint(fields=["equipment", "starts_on"], name="hours_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="hours_period_forward"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="hours_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.equipment} {self.starts_on}"
