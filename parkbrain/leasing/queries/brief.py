"""What the briefs say of leases that end."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence

from ..models import Lease
from .leases import list_leases
from .tiles import NEAR_DAYS


def say_ends(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say how many leases end soon, as the list of leases counts them."""
    leases = list_leases(user=user).filter(park=park).order_by()
    if not leases.exists():
        return []
    live = leases.filter(Q(state__in=(Lease.State.SIGNED, Lease.State.ACTIVE)) & Q(stop_on__gt=on))
    count = live.filter(Q(stop_on__lte=on + timedelta(days=NEAR_DAYS))).count()
    url = f"{reverse('lease_list')}?park={park.pk}&within={NEAR_DAYS}"
    text, tone = ends_in_words(count=count), "warn" if count else ""
    return [Sentence(text, url, 50 if count else 6, tone, key="leasing.ends", values={"count": count})]


def ends_in_words(*, count: int) -> str:
    """Say how many leases end soon."""
    values = {"count": count, "days": NEAR_DAYS}
    if not count:
        return _("No lease ends within %(days)s days.") % values
    text = ngettext("%(count)s lease ends within %(days)s days.", "%(count)s leases end within %(days)s days.", count)
    return text % values
