"""Tables of space: sites, buildings, storeys, spaces and premises with their technical properties."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named, Searchable
from parkbrain.kernel.roles import Permission


def within_period(on: date, *, field: str = "") -> Q:
    """Return the filter that keeps what belongs to the park on a day; `field` leads to it ("building__")."""
    return (Q(**{f"{field}added_on__isnull": True}) | Q(**{f"{field}added_on__lte": on})) & (
        Q(**{f"{field}removed_on__isnull": True}) | Q(**{f"{field}removed_on__gt": on})
    )


class Belonging(models.Model):
    """Something that belongs to a park from `added_on` up to, not including, `removed_on`; empty is without a limit."""

    added_on = models.DateField(_("belongs to the park from"), null=True, blank=True)
    removed_on = models.DateField(_("belongs to the park up to"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True)
                | Q(added_on__isnull=True)
                | Q(removed_on__gt=models.F("added_on")),
                name="%(class)s_belongs_forward",
            ),
        ]

    def belongs_on(self, on: date) -> bool:
        """Tell whether it belongs to the park on a day."""
        return (self.added_on is None or self.added_on <= on) and (self.removed_on is None or self.removed_on > on)


class Site(Named, Belonging):
    """A parcel of land of a park (IfcSite)."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="sites")
    code = models.CharField(_("site code"), max_length=40)
    land_area_m2 = models.FloatField(_("land area (m²)"), null=True, blank=True)
    land_use = models.CharField(_("permitted land use"), max_length=20, blank=True)

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("site")
        constraints = [
            *Belonging.Meta.constraints,
            models.UniqueConstraint(fields=["park", "code"], name="site_code_once_per_park"),
        ]


class BuildingQuerySet(models.QuerySet["Building"]):
    """Filters over buildings."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_PARK) -> BuildingQuerySet:
        """Keep the buildings of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="site__park__branch__path"))

    def in_park_on(self, on: date) -> BuildingQuerySet:
        """Keep the buildings that belong to their park on a day."""
        return self.filter(within_period(on))


class Building(Searchable, Named, Belonging):
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
    # The outline on the ground as a GeoJSON Polygon or MultiPolygon in WGS 84, and the GlobalId of its IfcBuilding.
    footprint: Any = models.JSONField(_("footprint"), null=True, blank=True)
    footprint_area_m2 = models.FloatField(_("footprint area (m²)"), null=True, blank=True)
    source_guid = models.CharField(_("GlobalId"), max_length=22, blank=True)
    # Where only the year is known; never made of `completed_on` or the reverse.
    completed_year = models.PositiveSmallIntegerField(_("completed in"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    # As a list states it; the areas of the storeys are kept with them.
    gross_floor_area_m2 = models.FloatField(_("gross floor area (m²)"), null=True, blank=True)
    storeys_count = models.PositiveSmallIntegerField(_("number of storeys"), null=True, blank=True)
    # Words of the list that fit none of our uses are kept, not forced into one.
    stated_use = models.CharField(_("main use as stated"), max_length=120, blank=True)
    owner_name = models.CharField(_("owner"), max_length=160, blank=True)
    contact_email = models.CharField(_("contact e-mail"), max_length=200, blank=True)
    # Identifiers of other systems, one column per kind.
    authority_id = models.CharField(_("authority's building number"), max_length=60, blank=True)
    ubid = models.CharField(_("UBID"), max_length=60, blank=True)
    portfolio_manager_id = models.CharField(_("Portfolio Manager number"), max_length=60, blank=True)
    parcel_id = models.CharField(_("parcel number"), max_length=60, blank=True)
    other_id = models.CharField(_("number in another list"), max_length=60, blank=True)

    #: The identifiers of other systems, the stronger ones first; a parcel may carry several buildings.
    OTHER_IDS = ("authority_id", "ubid", "portfolio_manager_id", "parcel_id", "other_id")

    objects = BuildingQuerySet.as_manager()

    class Meta:
        ordering = ["site", "code"]
        verbose_name = _("building")
        constraints = [
            *Belonging.Meta.constraints,
            models.UniqueConstraint(fields=["site", "code"], name="building_code_once_per_site"),
        ]

    def list_other_ids(self) -> list[tuple[str, str]]:
        """Return the building's numbers in other systems as kind and number, where it has them."""
        fields = {f.name: str(f.verbose_name) for f in self._meta.fields}
        return [(fields[name], value) for name in self.OTHER_IDS if (value := getattr(self, name))]

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
    # Of the floor above the building's zero, as a drawing gives it.
    elevation_m = models.FloatField(_("elevation (m)"), null=True, blank=True)
    source_guid = models.CharField(_("GlobalId"), max_length=22, blank=True)

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

    def in_park_on(self, on: date) -> PremisesQuerySet:
        """Keep the premises that, with their building, belong to the park on a day."""
        # Buildings that are not there are few: found once, and not asked premises by premises.
        gone = Building.objects.filter(Q(added_on__gt=on) | Q(removed_on__lte=on))
        return self.filter(within_period(on), ~Q(building__in=gone.order_by().values("pk")))

    def lettable_on(self, on: date) -> PremisesQuerySet:
        """Keep the premises that belonged to the lettable stock on a day."""
        return (
            self.in_park_on(on)
            .filter(Q(lettable_from_on__isnull=True) | Q(lettable_from_on__lte=on))
            .filter(Q(lettable_to_on__isnull=True) | Q(lettable_to_on__gt=on))
        )


class Premises(Belonging):
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
        # With what `in_park_on` asks for: pages of a list sorted by area, and its sum, are read from the index alone.
        indexes = [
            models.Index(
                fields=["billing_area_m2", "id", "building", "added_on", "removed_on"], name="premises_area_in_park"
            )
        ]
        constraints = [
            *Belonging.Meta.constraints,
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


class PremisesSuccession(models.Model):
    """Lineage: premises that took the place of others on a day, by a split or a merger."""

    class Kind(models.TextChoices):
        """How premises became others."""

        SPLIT = "SPLIT", _("Split")
        MERGED = "MERGED", _("Merged")

    before = models.ForeignKey(Premises, models.CASCADE, related_name="successions")
    after = models.ForeignKey(Premises, models.CASCADE, related_name="origins")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    changed_on = models.DateField(_("changed on"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        ordering = ["changed_on", "id"]
        verbose_name = _("succession of premises")
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="succession_once"),
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="succession_of_others"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Space(models.Model):
    """A bounded area on a storey (IfcSpace); it belongs to at most one premises."""

    storey = models.ForeignKey(Storey, models.CASCADE, related_name="spaces")
    premises = models.ForeignKey(Premises, models.SET_NULL, null=True, blank=True, related_name="spaces")
    code = models.CharField(_("space code"), max_length=40)
    gross_area_m2 = models.FloatField(_("gross area (m²)"))
    net_internal_area_m2 = models.FloatField(_("net internal area (m²)"), null=True, blank=True)
    name = models.CharField(_("space name"), max_length=100, blank=True)
    clear_height_m = models.FloatField(_("clear height (m)"), null=True, blank=True)
    # The zone of the drawing (IfcZone): spaces of one zone are what may become premises.
    zone = models.CharField(_("zone"), max_length=100, blank=True)
    # The outline in metres along the drawing's own axes, as a GeoJSON Polygon or MultiPolygon.
    plan: Any = models.JSONField(_("outline"), null=True, blank=True)
    source_guid = models.CharField(_("GlobalId"), max_length=22, blank=True)

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


def covers_all_premises(user: User, permission: Permission, *, besides: frozenset[str] = frozenset()) -> bool:
    """Tell whether the person holds the permission over every premises there is; roles in `besides` do not count.

    So it is over the root of the tree, and for the bureau of an installation's one city: their lists of a hundred
    thousand rows then ask for no branch. Looked up once a request.
    """
    if scope.covers_everything(user, permission, besides=besides):
        return True
    paths = frozenset(scope.paths_of(user, permission, besides=besides))
    if not paths:
        return False
    known: dict[frozenset[str], bool] = user.__dict__.setdefault("_whole_premises", {})
    if paths not in known:
        inside = reduce(or_, [Q(branch__path__startswith=path) for path in paths])
        known[paths] = not Premises.objects.filter(park__in=Park.objects.exclude(inside)).order_by().exists()
    return known[paths]
