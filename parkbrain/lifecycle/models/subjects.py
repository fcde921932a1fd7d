"""What goes through the stages: a park, a building, a renovation project; and when it entered each stage."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building


class Stage(models.TextChoices):
    """The five stages, in their order."""

    PLAN = "PLAN", _("Planning")
    BUILD = "BUILD", _("Construction")
    ATTRACT = "ATTRACT", _("Attraction")
    OPERATE = "OPERATE", _("Operations")
    EXIT = "EXIT", _("Exit and renewal")


#: The stages as they follow on each other.
STAGES: tuple[str, ...] = tuple(Stage.values)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Filters over projects."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> ProjectQuerySet:
        """Keep the projects of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class Project(Named):
    """A renovation project of a park: industry upstairs, a renewal, a conversion, an extension."""

    class Kind(models.TextChoices):
        """What is done."""

        UPSTAIRS = "UPSTAIRS", _("Industry upstairs")
        RENEWAL = "RENEWAL", _("Renewal")
        CONVERSION = "CONVERSION", _("Conversion of use")
        EXTENSION = "EXTENSION", _("Extension")

    park = models.ForeignKey(Park, models.CASCADE, related_name="projects")
    code = models.CharField(_("project code"), max_length=40)
    kind = models.CharField(_("kind of project"), max_length=12, choices=Kind.choices)
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="projects")
    planned_area_m2 = models.FloatField(_("planned area (m²)"), null=True, blank=True)
    starts_on = models.DateField(_("begins on"), null=True, blank=True)
    ends_on = models.DateField(_("to be finished by"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("project")
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="project_code_once_per_park"),
            models.CheckConstraint(
                condition=Q(planned_area_m2__isnull=True) | Q(planned_area_m2__gt=0), name="project_area_positive"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="project_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class LifeSubjectQuerySet(models.QuerySet["LifeSubject"]):
    """Filters over what goes through the stages."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> LifeSubjectQuerySet:
        """Keep what is in parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class LifeSubject(models.Model):
    """A park, a building or a project whose stages and duties are kept."""

    class Kind(models.TextChoices):
        """What it is."""

        PARK = "PARK", _("Park")
        BUILDING = "BUILDING", _("Building")
        PROJECT = "PROJECT", _("Project")

    park = models.ForeignKey(Park, models.CASCADE, related_name="life_subjects")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    building = models.OneToOneField(Building, models.CASCADE, null=True, blank=True, related_name="life")
    project = models.OneToOneField(Project, models.CASCADE, null=True, blank=True, related_name="life")
    # The version of the template that its duties were last taken from; 0 before the first time.
    template_version = models.PositiveSmallIntegerField(_("version of the template"), default=0)

    objects = LifeSubjectQuerySet.as_manager()

    class Meta:
        ordering = ["park", "kind", "pk"]
        verbose_name = _("subject of the life cycle")
        constraints = [
            models.UniqueConstraint(fields=["park"], condition=Q(kind="PARK"), name="life_park_once"),
            models.CheckConstraint(
                condition=Q(kind="PARK", building__isnull=True, project__isnull=True)
                | Q(kind="BUILDING", building__isnull=False, project__isnull=True)
                | Q(kind="PROJECT", building__isnull=True, project__isnull=False),
                name="life_subject_is_what_it_says",
            ),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> Park | Building | Project:
        """The park, the building or the project itself."""
        return self.building or self.project or self.park

    @property
    def code(self) -> str:
        """Its code: of the building or project within the park, or the park's own."""
        return self.thing.code


class StagePeriod(models.Model):
    """A subject in a stage from a day up to, not including, another; the last one is open."""

    subject = models.ForeignKey(LifeSubject, models.CASCADE, related_name="stages")
    stage = models.CharField(_("stage"), max_length=8, choices=Stage.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["subject", "starts_on"]
        verbose_name = _("stage of a subject")
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(ends_on__isnull=True), name="stage_open_once"),
            models.UniqueConstraint(fields=["subject", "starts_on"], name="stage_starts_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="stage_period_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.starts_on}"

    def covers(self, on: date) -> bool:
        """Tell whether the subject was in this stage on a day."""
        return self.starts_on <= on and (self.ends_on is None or self.ends_on > on)
