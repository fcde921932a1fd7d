"""Saved views of lists, and what a person chose for a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, scope
from parkbrain.kernel.models import Branch, ListChoice, SavedView, User

LONGEST_QUERY = 2000
#: A person who keeps more views than this finds none of them again.
MOST_VIEWS = 50


class CannotKeepView(Exception):
    """The view cannot be saved, changed or taken away."""


@dataclass(frozen=True)
class ViewLine:
    """A saved view as the list's menu shows it."""

    view_id: int
    name: str
    query: str
    is_own: bool
    shared_with: str
    is_default: bool

    @property
    def url(self) -> str:
        """The address of the list as the view keeps it."""
        return f"?{self.query}{'&' if self.query else ''}view={self.view_id}"


def list_views(*, user: User, list_key: str) -> tuple[list[ViewLine], str]:
    """Return the views of a list the person may open, and the columns they chose last (empty: none chosen)."""
    choice = ListChoice.objects.filter(user=user, list_key=list_key).first()
    views = SavedView.objects.visible_to(user).filter(list_key=list_key).select_related("branch")
    default = choice.view_id if choice else None
    lines = [
        ViewLine(v.pk, v.name, v.query, v.owner_id == user.pk, v.branch.name if v.branch else "", v.pk == default)
        for v in views
    ]
    return lines, choice.columns if choice else ""


def list_share_branches(*, user: User) -> list[Branch]:
    """Return the branches with whose people the person may share a view: those they belong to."""
    return sorted({m.branch for m in scope.memberships_of(user)}, key=lambda branch: branch.path)


@transaction.atomic
def keep_view(*, list_key: str, name: str, query: str, branch_id: int | None, actor: User, at: datetime) -> SavedView:
    """Save a view under a name, or save again the person's own of that name; shared with a branch's people, or private.

    :raises CannotKeepView: no name, a branch the person does not belong to, or too many views.
    """
    name = name.strip()
    if not name or len(name) > 60:
        raise CannotKeepView(_("A view needs a name of at most 60 characters."))
    if len(query) > LONGEST_QUERY:
        raise CannotKeepView(_("The view holds more than can be kept."))
    if branch_id is not None and branch_id not in {b.pk for b in list_share_branches(user=actor)}:
        raise CannotKeepView(_("You can share a view only with people of your own branches."))
    own = SavedView.objects.filter(owner=actor, list_key=list_key)
    if own.exclude(name=name).count() >= MOST_VIEWS:
        raise CannotKeepView(_("You keep %(count)s views of this list already.") % {"count": MOST_VIEWS})
    values = {"query": query, "branch_id": branch_id, "saved_at": at}
    view, _created = SavedView.objects.update_or_create(owner=actor, list_key=list_key, name=name, defaults=values)
    audit.record(
        "kernel.view.saved", target=view, actor=actor, at=at, list=list_key, query=query, branch=branch_id or 0
    )
    return view


@transaction.atomic
def remove_view(*, view_id: int, list_key: str, actor: User, at: datetime) -> str:
    """Take a view of the person's own away and return its name; whoever opened the list with it opens it plain again.

    :raises CannotKeepView: it is not the person's own.
    """
    view = SavedView.objects.filter(owner=actor, list_key=list_key, pk=view_id).first()
    if view is None:
        raise CannotKeepView(_("Only who saved a view can take it away."))
    audit.record("kernel.view.removed", target=view, actor=actor, at=at, list=list_key, query=view.query)
    name = view.name
    view.delete()
    return name


@transaction.atomic
def set_default_view(*, view_id: int | None, list_key: str, actor: User) -> None:
    """Open the list with this view when its address says nothing; None opens it plain. A person's own choice.

    :raises CannotKeepView: the person may not open the view.
    """
    if view_id is not None and not SavedView.objects.visible_to(actor).filter(pk=view_id, list_key=list_key).exists():
        raise CannotKeepView(_("There is no such view, or it is not yours to open."))
    ListChoice.objects.update_or_create(user=actor, list_key=list_key, defaults={"view_id": view_id})


@transaction.atomic
def keep_columns(*, columns: Sequence[str], list_key: str, actor: User) -> None:
    """Remember which columns the person wants of a list, in their order; none is as declared."""
    ListChoice.objects.update_or_create(user=actor, list_key=list_key, defaults={"columns": ",".join(columns)[:600]})
