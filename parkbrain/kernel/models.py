"""Tables of the kernel: branches, people, memberships, parks, documents, audited events and jobs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import scope
from .names import Named, Searchable, street_name
from .roles import Permission, Role


class Branch(Named):
    """A node of the tree city → district → operator → park; `path` lists the ancestors' codes."""

    class Kind(models.TextChoices):
        """Level of the node."""

        CITY = "CITY", _("City")
        DISTRICT = "DISTRICT", _("District")
        OPERATOR = "OPERATOR", _("Operator")
        PARK = "PARK", _("Park")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(_("code"), max_length=40, unique=True)
    # Materialized path ("/4403/440306/op-12/"): a scope is one indexed prefix match, at any depth.
    path = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["path"]
        verbose_name = _("branch")


class UserManager(BaseUserManager["User"]):
    """Finds people by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person with this sign-in name."""
        return self.get(username=username)


class User(Searchable, AbstractBaseUser):
    """A person who signs in."""

    searched_names = ("full_name", "username")

    username = models.CharField(_("sign-in name"), max_length=60, unique=True)
    full_name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")

    def __str__(self) -> str:
        return self.full_name or self.username

    def may(self, permission: Permission | str, path: str | None = None) -> bool:
        """Tell whether the person holds a permission on the branch at `path` (anywhere when None)."""
        return scope.may(self, Permission(permission), path=path)


class Membership(models.Model):
    """A person's role within a branch; a tenant's membership names the enterprise they act for."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    # The unified social credit code, not a foreign key: enterprises live on a higher floor.
    subject = models.CharField(_("acts for (unified social credit code)"), max_length=18, blank=True)

    class Meta:
        verbose_name = _("membership")
        constraints = [
            models.UniqueConstraint(fields=["user", "branch", "role", "subject"], name="membership_once"),
            models.CheckConstraint(
                condition=(Q(role=Role.TENANT) & ~Q(subject="")) | (~Q(role=Role.TENANT) & Q(subject="")),
                name="membership_tenant_names_enterprise",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.branch}"


class ParkQuerySet(models.QuerySet["Park"]):
    """Filters over parks."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_PARK) -> ParkQuerySet:
        """Keep the parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="branch__path"))

    def in_branch(self, branch: Branch) -> ParkQuerySet:
        """Keep the parks below a branch."""
        return self.filter(branch__path__startswith=branch.path)


class Park(Searchable, Named):
    """An industrial park: the unit that is operated and rated."""

    searched_others = ("street",)

    class Standing(models.TextChoices):
        """What the park's data are."""

        OPERATING = "OPERATING", _("Operating data")
        FICTIONAL = "FICTIONAL", _("Fictional (demo)")
        AS_STATED = "AS_STATED", _("Public facts as stated")

    class Kind(models.TextChoices):
        """Type of park, for peers of like kind."""

        UPSTAIRS = "UPSTAIRS", _("Industry upstairs")
        PRODUCTION = "PRODUCTION", _("Production park")
        RND = "RND", _("R&D and office park")
        LOGISTICS = "LOGISTICS", _("Logistics park")
        MIXED = "MIXED", _("Mixed park")

    code = models.CharField(_("park code"), max_length=40, unique=True)
    branch = models.OneToOneField(Branch, models.PROTECT, related_name="park")
    standing = models.CharField(_("standing"), max_length=10, choices=Standing.choices, default=Standing.OPERATING)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.MIXED)
    district_code = models.CharField(_("district code"), max_length=12, blank=True, db_index=True)
    street = models.CharField(_("street"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    land_area_m2 = models.FloatField(_("land area (m²)"), null=True, blank=True)
    gross_floor_area_m2 = models.FloatField(_("gross floor area (m²)"), null=True, blank=True)
    # GB/T 4754-2017 code prefixes ("34", "391"): the positioning that leases are held against.
    leading_industries = models.JSONField(_("leading industries"), default=list, blank=True)

    objects = ParkQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("park")
        constraints = [
            models.CheckConstraint(
                condition=Q(land_area_m2__isnull=True) | Q(land_area_m2__gt=0), name="park_land_area_positive"
            ),
        ]

    @property
    def street_name(self) -> str:
        """The street in the language in force."""
        return street_name(self.street)

    @property
    def demo_notice(self) -> str:
        """What every page and paper of a made-up park says; empty of any other."""
        if self.standing != self.Standing.FICTIONAL:
            return ""
        return gettext("Demo: this park, its firms and all figures are fictional.")


class Document(models.Model):
    """A stored file: evidence, certificate, workbook. The content is addressed by its hash and never overwritten."""

    park = models.ForeignKey(Park, models.CASCADE, null=True, blank=True, related_name="documents")
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.BigIntegerField(_("size"))
    media_type = models.CharField(max_length=100, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        verbose_name = _("document")

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """One state change: what, on what, by whom, when; written in the transaction of the change itself."""

    code = models.CharField(_("event"), max_length=80, db_index=True)
    at = models.DateTimeField(_("time"), db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    park = models.ForeignKey(Park, models.SET_NULL, null=True, related_name="+")
    target_label = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    details: Any = models.JSONField(default=dict, blank=True)
    # The chain: each event carries the hash of its own content and of the event before it. Who and where are copied
    # as words, because the references above may change while the hash may not.
    actor_name = models.CharField(max_length=60, blank=True)
    park_code = models.CharField(max_length=40, blank=True)
    position = models.BigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["target_label", "target_id"], name="audit_target"),
            models.Index(fields=["actor_name", "id"], name="audit_actor"),
        ]
        verbose_name = _("audit event")

    def __str__(self) -> str:
        return f"{self.code} {self.target_name}"


class AuditHead(models.Model):
    """The newest link of the audit chain: one row, locked by whoever writes the next event."""

    position = models.BigIntegerField()
    hash = models.CharField(max_length=64)


class Approval(models.Model):
    """A change that one person asked for and a second one decides on: the two-person rule."""

    class State(models.TextChoices):
        """Where the request is."""

        WAITING = "WAITING", _("Waiting")
        APPROVED = "APPROVED", _("Approved")
        REFUSED = "REFUSED", _("Refused")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    kind = models.CharField(max_length=60)
    params: Any = models.JSONField(default=dict)
    # Where the permission is needed: a copy of the branch's path, so that the request outlives the branch.
    path = models.CharField(max_length=200)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = _("approval")
        constraints = [
            # The rule itself, held by the database too: nobody decides on their own request.
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(state="WITHDRAWN") | ~Q(decided_by=models.F("asked_by")),
                name="approval_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Job(models.Model):
    """Long work a person can watch and cancel; it always ends in done, failed with a reason, or cancelled."""

    class State(models.TextChoices):
        """Where the work is."""

        WAITING = "WAITING", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    kind = models.CharField(max_length=60)
    park = models.ForeignKey(Park, models.CASCADE, null=True, related_name="jobs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done_steps = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    result: Any = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        ordering = ["-requested_at"]
        verbose_name = _("job")

    def __str__(self) -> str:
        return f"{self.kind} {self.get_state_display()}"

    @property
    def is_under_way(self) -> bool:
        """Whether it waits for a worker or a worker is at it."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def percent(self) -> int | None:
        """Progress in percent, None while the size of the work is not known."""
        return round(100 * self.done_steps / self.total_steps) if self.total_steps else None


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Filters over saved views."""

    def visible_to(self, user: User) -> SavedViewQuerySet:
        """Keep the person's own views and those shared with a branch the person belongs to."""
        shared = Q(pk__in=[])
        for membership in scope.memberships_of(user):
            # A view shared with a branch is there for everybody within it: the branch stands on the person's own path.
            parts = membership.branch.path.strip("/").split("/")
            paths = [f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))]
            shared |= Q(branch__path__in=paths)
        return self.filter(Q(owner=user) | shared)


class SavedView(models.Model):
    """A list as somebody wants to see it again: filters, columns and sort as the address says them, under a name."""

    list_key = models.CharField(max_length=60)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    # The branch whose people share the view; private without one.
    branch = models.ForeignKey(Branch, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("saved view")
        indexes = [models.Index(fields=["list_key", "branch"], name="saved_view_list")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list_key", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name


class ListChoice(models.Model):
    """How a person wants one list when nothing else is said: their columns, and the view it opens with."""

    user = models.ForeignKey(User, models.CASCADE, related_name="list_choices")
    list_key = models.CharField(max_length=60)
    columns = models.CharField(max_length=600, blank=True)
    view = models.ForeignKey(SavedView, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("choice for a list")
        constraints = [models.UniqueConstraint(fields=["user", "list_key"], name="list_choice_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.list_key}"
