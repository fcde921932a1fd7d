"""The pages of an import: upload, look, apply; nobody sees or touches what is another's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parkbrain.intake.models import Batch
from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import Job, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_park, make_user

from .conftest import workbook_bytes
from .toy import gadgets

HEAD = ["Gadget code", "Gadget name", "Mass (t)"]
GOOD = {"Gadgets": [HEAD, ["G-1", "Lathe", 2.5]]}
BAD = {"Gadgets": [HEAD, ["G-1", "Lathe", "12,5O0"]]}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy")]


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def browser(operator: User) -> Client:
    """The operator's browser."""
    return sign_in(operator)


def post_file(browser: Client, park: Park | None, sheets: Any, name: str = "gadgets.xlsx") -> Any:
    file = SimpleUploadedFile(name, sheets if isinstance(sheets, bytes) else workbook_bytes(sheets))
    return browser.post(reverse("import_upload"), {"file": file, "park": park.pk if park else ""})


def test_upload_check_and_apply_work_without_javascript(browser: Client, park: Park) -> None:
    response = post_file(browser, park, GOOD)
    batch = Batch.objects.get()
    assert response.url == reverse("import_batch", args=[batch.pk])
    shown = browser.get(response.url).content.decode()
    assert "1 rows: 1 new, 0 changed, 0 unchanged. Nothing is written yet." in shown
    assert gadgets(park) == {}
    browser.post(reverse("apply_import", args=[batch.pk]))
    assert "Taken in on" in browser.get(response.url).content.decode()
    assert set(gadgets(park)) == {"G-1"}


def test_problem_is_shown_with_sheet_cell_value_and_reason(browser: Client, park: Park) -> None:
    shown = browser.get(post_file(browser, park, BAD).url).content.decode()
    for text in ("C2", "12,5O0", "Is 12,500 meant?", "nothing was written", "File with problems marked"):
        assert text in shown
    assert "apply/" not in shown


def test_park_that_nobody_named_is_chosen_on_the_page(browser: Client, park: Park) -> None:
    other = make_park(code="elsewhere")
    url = post_file(browser, None, GOOD).url
    shown = browser.get(url).content.decode()
    assert "Which park is it about?" in shown and f'value="{park.pk}"' in shown
    assert f'value="{other.pk}"' not in shown, "the park of somebody else"
    batch = Batch.objects.get()
    choose = reverse("import_park", args=[batch.pk])
    for wrong in ("", "x", str(other.pk), "9" * 30):
        assert "Choose a park." in browser.post(choose, {"park": wrong}, follow=True).content.decode()
    browser.post(choose, {"park": park.pk})
    batch.refresh_from_db()
    assert (batch.park, batch.state, batch.document.park) == (park, Batch.State.CHECKED, park)
    shown = browser.get(url).content.decode()
    assert "Nothing is written yet." in shown and "Which park is it about?" not in shown
    browser.post(choose, {"park": park.pk})
    assert Batch.objects.get().state == Batch.State.CHECKED, "said once and for all"


def test_problems_can_be_filtered(browser: Client, park: Park) -> None:
    url = post_file(browser, park, {"Gadgets": [HEAD, ["G-1", "", "heavy"], ["G-2", "", "12,5O0"]]}).url
    part = browser.get(f"{url}?q=heavy", headers={"HX-Request": "true", "HX-Target": "problems"}).content.decode()
    assert "heavy" in part
    assert "12,5O0" not in part
    assert "<html" not in part


def test_marked_copy_colours_and_explains_the_wrong_cell(browser: Client, park: Park) -> None:
    for name, content in (("gadgets.xlsx", workbook_bytes(BAD)), ("gadgets.csv", b"Gadget code,Mass\nG-1,heavy\n")):
        batch_id = post_file(browser, park, content, name).url.strip("/").rpartition("/")[2]
        response = browser.get(reverse("import_marked", args=[batch_id]))
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        problems, sheet = book.worksheets[0], book.worksheets[1]
        cell = sheet[str(problems["B2"].value)]
        assert cell.value in {"12,5O0", "heavy"}
        assert cell.comment is not None
        assert cell.comment.text == problems["E2"].value
        assert cell.fill.start_color.rgb.endswith("F7C8C0")


def test_differences_are_shown_old_and_new(browser: Client, park: Park) -> None:
    browser.post(reverse("apply_import", args=[post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]]))
    shown = browser.get(post_file(browser, park, {"Gadgets": [HEAD, ["G-1", "Lathe", 3]]}).url).content.decode()
    assert "<del>" in shown
    assert "<ins>" in shown


def test_same_file_again_says_that_nothing_changes(browser: Client, park: Park) -> None:
    browser.post(reverse("apply_import", args=[post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]]))
    assert "no change" in browser.get(post_file(browser, park, GOOD).url).content.decode()


def test_wrong_upload_returns_the_form_with_the_reason(browser: Client, park: Park, settings: Any) -> None:
    response = post_file(browser, park, b"%PDF", "list.pdf")
    assert response.status_code == 422
    assert "pdf" in response.content.decode()
    settings.UPLOAD_MAX_BYTES = 10
    assert post_file(browser, park, GOOD).status_code == 422
    assert browser.post(reverse("import_upload"), {}).status_code == 422
    assert not Batch.objects.exists()


def test_picker_offers_only_ones_own_parks(browser: Client, park: Park) -> None:
    stranger = make_park()
    shown = browser.get(reverse("import_upload")).content.decode()
    assert f'value="{park.pk}"' in shown
    assert f'value="{stranger.pk}"' not in shown
    assert post_file(browser, stranger, GOOD).status_code == 422


def test_batch_of_another_park_does_not_exist_for_a_stranger(browser: Client, park: Park) -> None:
    batch_id = post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]
    stranger = sign_in(make_user(Role.OPERATOR))
    for name in ("import_batch", "import_file", "import_marked"):
        assert stranger.get(reverse(name, args=[batch_id])).status_code == 404
    for name in ("check_import", "apply_import", "discard_import", "cancel_import"):
        assert stranger.post(reverse(name, args=[batch_id])).status_code == 404
    assert stranger.get(reverse("record_export"), {"park": park.pk}).status_code == 404
    assert "gadgets.xlsx" not in stranger.get(reverse("import_list")).content.decode()
    assert gadgets(park) == {}


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_read_only_roles_have_no_import(park: Park, role: str) -> None:
    browser = sign_in(make_user(role, park.branch))
    for name in ("import_list", "import_upload", "import_template"):
        assert browser.get(reverse(name)).status_code == 403
    assert reverse("import_list") not in browser.get(reverse("import_list")).content.decode()


def test_actions_refuse_a_plain_visit(browser: Client, park: Park) -> None:
    batch_id = post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]
    for name in ("check_import", "apply_import", "discard_import", "cancel_import"):
        assert browser.get(reverse(name, args=[batch_id])).status_code == 405


def test_applying_twice_is_refused_in_words(browser: Client, park: Park) -> None:
    batch_id = post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]
    browser.post(reverse("apply_import", args=[batch_id]))
    shown = browser.post(reverse("apply_import", args=[batch_id]), follow=True).content.decode()
    assert "Only a file that was checked" in shown
    assert "already" in browser.post(reverse("discard_import", args=[batch_id]), follow=True).content.decode()


def test_discarded_batch_stays_in_the_list(browser: Client, park: Park) -> None:
    batch_id = post_file(browser, park, GOOD).url.strip("/").rpartition("/")[2]
    browser.post(reverse("discard_import", args=[batch_id]))
    assert "Discarded" in browser.get(reverse("import_batch", args=[batch_id])).content.decode()
    assert "gadgets.xlsx" in browser.get(reverse("import_list")).content.decode()


@pytest.fixture
def running(upload: Callable[..., Batch], operator: User, park: Park) -> Batch:
    """A batch whose check is under way."""
    batch = upload(workbook_bytes(GOOD))
    job = jobs.start_job(kind="intake.check", actor=operator, at=AT, park=park)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, done_steps=30, total_steps=100)
    Batch.objects.filter(pk=batch.pk).update(job=job)
    batch.refresh_from_db()
    return batch


def poll(browser: Client, batch: Batch, seen: str) -> Any:
    headers = {"HX-Request": "true", "HX-Target": "work"}
    return browser.get(reverse("import_batch", args=[batch.pk]), {"seen": seen}, headers=headers)


def test_progress_is_sent_only_when_it_moved(browser: Client, running: Batch) -> None:
    shown = browser.get(reverse("import_batch", args=[running.pk])).content.decode()
    assert "30%" in shown
    assert "seen=RUNNING-30" in shown
    assert poll(browser, running, "RUNNING-30").status_code == 204
    moved = poll(browser, running, "RUNNING-10")
    assert "30%" in moved.content.decode()
    assert "<html" not in moved.content.decode()
    Job.objects.update(state=Job.State.DONE)
    assert poll(browser, running, "RUNNING-30").headers["HX-Refresh"] == "true"


def test_running_work_can_be_cancelled_from_its_page(browser: Client, running: Batch) -> None:
    browser.post(reverse("cancel_import", args=[running.pk]))
    running.job.refresh_from_db()
    assert running.job.cancel_requested


def test_failed_work_shows_its_reason(browser: Client, running: Batch) -> None:
    Job.objects.update(state=Job.State.FAILED, reason="disk full")
    shown = browser.get(reverse("import_batch", args=[running.pk])).content.decode()
    assert "disk full" in shown
    assert reverse("check_import", args=[running.pk]) in shown


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_template_and_export_are_workbooks(browser: Client, park: Park, language: str) -> None:
    for url, params in (
        (reverse("import_template"), {"language": language}),
        (reverse("record_export"), {"park": park.pk}),
    ):
        response = browser.get(url, params)
        assert openpyxl.load_workbook(io.BytesIO(response.content)).worksheets


def test_file_is_kept_as_it_was_uploaded(browser: Client, park: Park) -> None:
    content = workbook_bytes(BAD)
    batch_id = post_file(browser, park, content).url.strip("/").rpartition("/")[2]
    response = browser.get(reverse("import_file", args=[batch_id]))
    assert b"".join(response.streaming_content) == content


def test_names_of_files_are_shown_as_text(browser: Client, park: Park) -> None:
    response = post_file(browser, park, workbook_bytes(GOOD), "<b>x</b>.xlsx")
    assert "<b>x" not in browser.get(response.url).content.decode()
