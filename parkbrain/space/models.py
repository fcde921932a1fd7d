"""Tables of space: sites, buildings, storeys, spaces and premises with their technical properties."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission


class Site(Named):
    """A parcel of land of a park (IfcSite)."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="sites")
    code = models.CharField(_("site code"), max_length=40)
    land_area_m2 = models.FloatField(_("land area (m²)"), null=True, blank=True)
    land_use = models.CharField(_("permitted land use"), max_length=20, blank=True)

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("site")
        constraints = [models.UniqueConstraint(fields=["park", "code"], name="site_code_once_per_park")]


class BuildingQuerySet(models.QuerySet["Building"]):
    """Filters over buildings."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_PARK) -> BuildingQuerySet:
        """Keep the buildings of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="site__park__branch__path"))


class Building(Named):
    """A building on a site (IfcBuilding)."""

    class Use(models.TextChoices):
        """Main use of the building."""

        FACTORY = "FACTORY", _("Factory")
        RND = "RND", _("R&D")
        OFFICE = "OFFICE", _("Office")
        DORMITORY = "DORMITORY", _("Dormitory")
        WAREHOUSE = "WAREHOUSE", _("Warehouse")
        SERVICE = "SERVICE", _("Services")
        MIXED = "MIXED", _("Mixed use")

    site = models.ForeignKey(Site, models.CASCADE, related_name="buildings")
    code = models.CharField(_("building code"), max_length=40)
    use = models.CharField(_("use"), max_length=12, choices=Use.choices, default=Use.MIXED)
    height_m = models.FloatField(_("height (m)"), null=True, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)

    objects = BuildingQuerySet.as_manager()

    class Meta:
        ordering = ["site", "code"]
        verbose_name = _("building")
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="building_code_once_per_site")]

    @property
    def park(self) -> Park:
        """The park the building stands in."""
        return self.site.park


class Storey(models.Model):
    """A storey of a building (IfcBuildingStorey); level 1 is the ground storey, basements are negative."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="storeys")
    level = models.SmallIntegerField(_("level"))
    label = models.CharField(_("label"), max_length=20, blank=True)
    height_m = models.FloatField(_("storey height (m)"), null=True, blank=True)
    gross_floor_area_m2 = models.FloatField(_("gross floor area (m²)"), null=True, blank=True)

    class Meta:
        ordering = ["building", "level"]
        verbose_name = _("storey")
        constraints = [
            models.UniqueConstraint(fields=["building", "level"], name="storey_level_once_per_building"),
            models.CheckConstraint(condition=~Q(level=0), name="storey_level_not_zero"),
            models.CheckConstraint(
                condition=Q(gross_floor_area_m2__isnull=True) | Q(gross_floor_area_m2__gt=0),
                name="storey_area_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.short_label

    @property
    def short_label(self) -> str:
        """The label people use: as given, or 3F, B1."""
        return self.label or (f"{self.level}F" if self.level > 0 else f"B{-self.level}")


class PremisesQuerySet(models.QuerySet["Premises"]):
    """Filters over premises."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_PARK) -> PremisesQuerySet:
        """Keep the premises of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))

    def lettable_on(self, on: models.Value | object) -> PremisesQuerySet:
        """Keep the premises that belonged to the lettable stock on a day."""
        return self.filter(Q(lettable_from_on__isnull=True) | Q(lettable_from_on__lte=on)).filter(
            Q(lettable_to_on__isnull=True) | Q(lettable_to_on__gt=on)
        )


class Premises(models.Model):
    """What is let: a set of spaces with one code, a billing area and technical properties."""

    class Use(models.TextChoices):
        """Permitted area use."""

        PRODUCTION = "PRODUCTION", _("Production")
        RND = "RND", _("R&D")
        OFFICE = "OFFICE", _("Office")
        LAB = "LAB", _("Laboratory")
        STORAGE = "STORAGE", _("Storage")
        INCUBATOR = "INCUBATOR", _("Incubator")
        SERVICE = "SERVICE", _("Shared services")
        RETAIL = "RETAIL", _("Catering and retail")
        DORMITORY = "DORMITORY", _("Dormitory")

    #: Uses that count as industrial area (production, R&D and what serves them).
    INDUSTRIAL_USES = (Use.PRODUCTION, Use.RND, Use.LAB, Use.STORAGE, Use.INCUBATOR)

    class FireClass(models.TextChoices):
        """Fire-hazard class of production permitted in the premises (GB 50016)."""

        A = "A", _("Class A (甲)")
        B = "B", _("Class B (乙)")
        C = "C", _("Class C (丙)")
        D = "D", _("Class D (丁)")
        E = "E", _("Class E (戊)")

    class VibrationClass(models.TextChoices):
        """Measured vibration criterion (VC curves: rms velocity 50, 25, 12.5, 6.25, 3.12 µm/s)."""

        VC_A = "VC-A", "VC-A"
        VC_B = "VC-B", "VC-B"
        VC_C = "VC-C", "VC-C"
        VC_D = "VC-D", "VC-D"
        VC_E = "VC-E", "VC-E"

    park = models.ForeignKey(Park, models.CASCADE, related_name="premises")
    building = models.ForeignKey(Building, models.CASCADE, related_name="premises")
    code = models.CharField(_("premises code"), max_length=40)
    use = models.CharField(_("use"), max_length=12, choices=Use.choices)
    billing_area_m2 = models.FloatField(_("billing area (m²)"))
    lettable = models.BooleanField(_("lettable"), default=True)
    lettable_from_on = models.DateField(_("lettable from"), null=True, blank=True)
    lettable_to_on = models.DateField(_("lettable to"), null=True, blank=True)
    # GB/T 4754 division the premises are designated for, against which the specification is checked.
    designated_industry = models.CharField(_("designated industry"), max_length=6, blank=True)
    clear_height_m = models.FloatField(_("clear height (m)"), null=True, blank=True)
    floor_load_kn_m2 = models.FloatField(_("floor load (kN/m²)"), null=True, blank=True)
    power_density_w_m2 = models.FloatField(_("power density (W/m²)"), null=True, blank=True)
    goods_lift_load_t = models.FloatField(_("goods-lift load (t)"), null=True, blank=True)
    has_water = models.BooleanField(_("process water"), null=True, blank=True)
    has_exhaust = models.BooleanField(_("exhaust shaft"), null=True, blank=True)
    has_gas = models.BooleanField(_("gas"), null=True, blank=True)
    fire_class = models.CharField(_("fire class"), max_length=2, choices=FireClass.choices, blank=True)
    vibration_class = models.CharField(_("vibration class"), max_length=5, choices=VibrationClass.choices, blank=True)

    objects = PremisesQuerySet.as_manager()

    class Meta:
        ordering = ["building", "code"]
        verbose_name = _("premises")
        verbose_name_plural = _("premises")
        indexes = [models.Index(fields=["billing_area_m2", "id"], name="premises_area")]
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="premises_code_once_per_park"),
            models.CheckConstraint(condition=Q(billing_area_m2__gt=0), name="premises_area_positive"),
            models.CheckConstraint(
                condition=Q(lettable_to_on__isnull=True)
                | Q(lettable_from_on__isnull=True)
                | Q(lettable_to_on__gt=models.F("lettable_from_on")),
                name="premises_lettable_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Space(models.Model):
    """A bounded area on a storey (IfcSpace); it belongs to at most one premises."""

    storey = models.ForeignKey(Storey, models.CASCADE, related_name="spaces")
    premises = models.ForeignKey(Premises, models.SET_NULL, null=True, blank=True, related_name="spaces")
    code = models.CharField(_("space code"), max_length=40)
    gross_area_m2 = models.FloatField(_("gross area (m²)"))
    net_internal_area_m2 = models.FloatField(_("net internal area (m²)"), null=True, blank=True)

    class Meta:
        ordering = ["storey", "code"]
        verbose_name = _("space")
        constraints = [
            models.UniqueConstraint(fields=["storey", "code"], name="space_code_once_per_storey"),
            models.CheckConstraint(condition=Q(gross_area_m2__gt=0), name="space_gross_area_positive"),
            models.CheckConstraint(
                condition=Q(net_internal_area_m2__isnull=True)
                | Q(net_internal_area_m2__gt=0, net_internal_area_m2__lte=models.F("gross_area_m2")),
                name="space_net_within_gross",
            ),
        ]

    def __str__(self) -> str:
        return self.code
