"""Work over all parks of a round: through a worker, with progress, stopped midway, and refused to others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import AuditEvent, Job
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import services
from parkbrain.portfolio.models import Reminder, Submission
from parkbrain.portfolio.services import decisions, queue
from tests.factories import make_user

from .test_rounds import VALUES, City, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A round so large that no step of it is done in the request, one park in a block."""
    monkeypatch.setattr(queue, "INLINE_PARKS", 0)
    monkeypatch.setattr(decisions, "BLOCK", 1)
    with override("en"):
        yield City()


def hand_all_in(city: City) -> None:
    for n, one in enumerate(city.round.submissions.all()):
        city.hand_in({key: value * (1 + n / 10) + n for key, value in VALUES.items()}, answer=one)


def press(city: City, step: str, **asked: Any) -> str:
    return sign_in(city.bureau).post(f"/city/rounds/{city.round.pk}/{step}/", follow=True, **asked).content.decode()


def states(city: City) -> list[str]:
    return list(city.round.submissions.order_by("pk").values_list("state", flat=True))


def test_accepting_all_is_done_by_a_worker_and_its_end_is_told(city: City) -> None:
    hand_all_in(city)
    assert "The answers are being accepted." in press(city, "accept-clean")
    job = Job.objects.get(kind=services.ACCEPT)
    assert set(states(city)) == {Submission.State.SUBMITTED} and job.requested_by == city.bureau
    assert "Work on this round is under way." in press(city, "check")
    part = sign_in(city.bureau).get(
        f"/city/rounds/{city.round.pk}/", headers={"HX-Request": "true", "HX-Target": "round-job"}
    )
    assert "The answers are being accepted." in part.content.decode() and "<html" not in part.content.decode()
    queue.run_round_job.call(job_id=job.pk, round_id=city.round.pk)
    assert set(states(city)) == {Submission.State.ACCEPTED}
    assert AuditEvent.objects.filter(code="portfolio.submission.accepted", actor=city.bureau).count() == 4
    page = sign_in(city.bureau).get(f"/city/rounds/{city.round.pk}/").content.decode()
    assert "4 answers without hints." in page


def test_work_that_is_stopped_midway_keeps_what_was_accepted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_all_in(city)
    press(city, "accept-clean")
    job = Job.objects.get(kind=services.ACCEPT)
    accept = services.accept_submissions

    def and_press_stop(**given: Any) -> int:
        press(city, "stop")
        return accept(**given)

    monkeypatch.setattr(decisions, "accept_submissions", and_press_stop)
    queue.run_round_job.call(job_id=job.pk, round_id=city.round.pk)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert sorted(states(city)) == [Submission.State.ACCEPTED, *[Submission.State.SUBMITTED] * 3]
    assert "Stopped after 1 of 4; what was done stays." in press(city, "stop")


def test_a_failure_is_told_with_its_reason(city: City) -> None:
    hand_all_in(city)
    press(city, "accept-clean")
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)
    queue.run_round_job.call(job_id=Job.objects.get().pk, round_id=city.round.pk)
    assert "This round is not open." in sign_in(city.bureau).get(f"/city/rounds/{city.round.pk}/").content.decode()


def test_checking_and_reminding_go_the_same_way(city: City) -> None:
    for step, kind in (("check", services.CHECK), ("remind", services.REMIND)):
        press(city, step)
        job = Job.objects.get(kind=kind)
        queue.run_round_job.call(job_id=job.pk, round_id=city.round.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.reason
    assert job.result["count"] == 4 == Reminder.objects.count()


def test_nobody_else_starts_or_stops_work_on_a_round(city: City) -> None:
    hand_all_in(city)
    job = jobs.start_job(kind=services.ACCEPT, actor=city.bureau, at=city.now)
    city.round.job = job
    city.round.save(update_fields=["job"])
    for actor in (city.operator, make_user(Role.ASSESSOR, city.district)):
        with pytest.raises(services.CannotRunRound):
            services.start_round_work(kind=services.ACCEPT, data_round=city.round, actor=actor, at=city.now)
        with pytest.raises(services.CannotRunRound):
            services.cancel_round_work(data_round=city.round, actor=actor)
        assert sign_in(actor).post(f"/city/rounds/{city.round.pk}/stop/").status_code == 403
    job.refresh_from_db()
    assert job.is_under_way
