"""What a bureau published of a round: frozen, numbered, never changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission

from .rounds import DataRound


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Filters over publications."""

    def visible_to(self, user: User) -> PublicationQuerySet:
        """Keep those of the person's branches, and those of the branches above them."""
        return self.filter(scope.branches_q(user, Permission.VIEW_CITY, field="round__branch__path") | above_q(user))


def above_q(user: User) -> models.Q:
    """Return the filter that keeps the rounds of branches that stand over one of the person's."""
    codes = {code for m in scope.memberships_of(user) for code in m.branch.path.strip("/").split("/")}
    return models.Q(round__branch__code__in=codes)


class Publication(models.Model):
    """One version of the published tables of a round."""

    round = models.ForeignKey(DataRound, models.PROTECT, related_name="publications")
    version = models.PositiveSmallIntegerField(_("version"))
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"))
    park_count = models.PositiveIntegerField(_("parks"))
    # {"facts": [key], "groups": {…}, "cells": {fact: {cell: [count, sum, median]}}}: a cell kept back has none.
    content: Any = models.JSONField(default=dict)
    #: SHA-256 of the content, so that nobody has to believe that it was not changed.
    sha256 = models.CharField(max_length=64)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["round", "-version"]
        verbose_name = _("published table")
        constraints = [models.UniqueConstraint(fields=["round", "version"], name="publication_version_once")]

    def __str__(self) -> str:
        return f"{self.round} · {self.version}"
