"""What was set aside is released once it has been mended, or dismissed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc.wire.readings import read_message
from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import KeptAside
from ..queries import micros_of, reason_label
from .readings import Outcome, put_readings
from .sources import may_change


class CannotRelease(Exception):
    """What was set aside cannot be released or dismissed."""


@transaction.atomic
def release_kept_aside(*, kept: KeptAside, actor: User | None, at: datetime) -> Outcome:
    """Take in what was set aside, now that it has been mended; what is still wrong is set aside again.

    :raises CannotRelease: it is closed already, cannot be read again, or the actor may not.
    """
    _check_may_close(kept, actor)
    found = read_message(
        kept.payload.encode(), media_type="application/x-ndjson", now_us=micros_of(at=at), zone=settings.TIME_ZONE
    )
    if not found.count:
        raise CannotRelease(
            _("None of this can be taken in yet: %(reason)s.") % {"reason": reason_label(reason=kept.reason)}
        )
    close = KeptAside.objects.filter(pk=kept.pk, closed_at=None)
    close.update(closed_at=at)
    outcome = put_readings(
        source=kept.source, digest=f"released-{kept.pk}", transport=kept.transport, found=found, at=at
    )
    if not outcome.taken:
        raise CannotRelease(
            _("None of this can be taken in yet: %(reason)s.") % {"reason": reason_label(reason=kept.reason)}
        )
    KeptAside.objects.filter(pk=kept.pk).update(released=outcome.taken)
    audit.record(
        "telemetry.aside.released", target=kept, actor=actor, at=at, park=kept.source.park, taken=outcome.taken
    )
    return outcome


@transaction.atomic
def dismiss_kept_aside(*, kept: KeptAside, actor: User | None, at: datetime) -> None:
    """Close what was set aside without taking it in.

    :raises CannotRelease: it is closed already, or the actor may not.
    """
    _check_may_close(kept, actor)
    KeptAside.objects.filter(pk=kept.pk).update(closed_at=at)
    audit.record("telemetry.aside.dismissed", target=kept, actor=actor, at=at, park=kept.source.park, times=kept.times)


def _check_may_close(kept: KeptAside, actor: User | None) -> None:
    if not may_change(park=kept.source.park, actor=actor):
        raise CannotRelease(_("You may not change the record of this park."))
    if not KeptAside.objects.filter(pk=kept.pk, closed_at=None).exists():
        raise CannotRelease(_("This has been closed already."))
