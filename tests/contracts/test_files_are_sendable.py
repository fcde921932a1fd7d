"""Every address that hands out a file: it is a list's, the file of a page that can be sent regularly, or an exception.

What a page says changes, so that its file can be sent; what does not change, or is made once, stands below with why.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from django.http import FileResponse, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from ninja import NinjaAPI

import parkbrain
from parkbrain import lists
from parkbrain.cockpit.queries import may_receive
from parkbrain.integration.api import root
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Role
from parkbrain.lists import ListSpec, table_file
from parkbrain.ui.media import hand_out
from tests.factories import make_park, make_user

#: Addresses of the files of pages, with the reports that send the same file regularly.
SENT = {
    "billing_firm_file": ("billing.account",),
    "carbon_footprint_file": ("carbon.footprint",),
    "carbon_statement_file": ("carbon.statement",),
    "city_brief": ("cockpit.city_brief_day", "cockpit.city_brief_month"),
    "exchange_between_file": ("carbon.exchange_between",),
    "lease_schedule": ("leasing.lease",),
    "matrix_pdf": ("lifecycle.matrix", "lifecycle.subject_matrix"),
    "park_brief": ("cockpit.brief_day", "cockpit.brief_month"),
    "published_table": ("portfolio.round_published", "portfolio.published"),
    "rating_pdf": ("assessment.rating",),
    "rating_xlsx": ("assessment.rating",),
    "stars_pdf": ("assessment.rating",),
    "stars_xlsx": ("assessment.rating",),
    "record_export": ("intake.record",),
    "report_now": ("billing.arrears", "energy.audit", "portfolio.published"),
    "round_answers": ("portfolio.round_answers",),
    "run_export": ("billing.run", "billing.bills"),
    "api:get_park_brief_paper": ("cockpit.brief_day", "cockpit.brief_month"),
    "api:get_city_brief_paper": ("cockpit.city_brief_day", "cockpit.city_brief_month"),
    "api:get_report": ("assessment.rating",),
    "api:get_workbook": ("assessment.rating",),
}
FILED, AS_SENT_IN = "a paper as it was filed: it never changes", "the file of one upload, as it came in"
#: Addresses whose file is not sent regularly, with the reason.
EXCEPTIONS = {
    "bill_pdf": "one issued bill; what is issued does not change, and billing.bills and billing.run send the new ones",
    "document_download": FILED,
    "duty_paper": FILED,
    "enterprise_document": FILED,
    "exit_file": FILED,
    "lease_document": FILED,
    "import_file": AS_SENT_IN,
    "import_marked": "one upload with its problems marked: it is mended and uploaded again once",
    "import_template": "a form to fill in",
    "round_table": "a form to fill in; what is answered goes out as portfolio.round_answers",
    "qualification_calendar": "a calendar that programs fetch by themselves",
    "readings_file": "the rows of one upload that cannot be taken: they are mended and uploaded again once",
    "report_file": "the last result of a schedule itself",
    "scheme_file": "a scheme as it is shipped",
    "setup_download": "a set-up that another park takes over once",
    "api:get_document_content": FILED,
    "api:get_import_file": AS_SENT_IN,
    "api:get_readings": "raw readings of any span, for programs that ask for the span they need",
    "api:get_scheme_file": "a scheme as it is shipped",
}
HANDS_OUT = (hand_out, table_file, FileResponse, StreamingHttpResponse)
#: What a view writes that makes a file of its answer by hand.
WORDS = ("attachment;", "text/csv", "application/pdf", "spreadsheetml")
#: Reports of parks and of the city, with the page whose right they need.
PAGES = {
    "assessment.rating": "stars",
    "billing.arrears": "billing_arrears",
    "billing.bills": "billing_home",
    "carbon.exchange_between": "exchange_between",
    "carbon.statement": "carbon_statement",
    "cockpit.brief_day": "park_brief",
    "cockpit.brief_month": "park_brief",
    "cockpit.city_brief_day": "city_brief",
    "cockpit.city_brief_month": "city_brief",
    "energy.audit": "metering_audit",
    "intake.record": "record_export",
    "leasing.schedules": "rent_roll",
    "lifecycle.matrix": "life_matrix",
    "portfolio.published": "city",
}


def routes() -> Iterator[tuple[str, Callable[..., Any]]]:
    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry)
            else:
                yield entry

    for entry in walk(get_resolver()):
        view = inspect.unwrap(entry.callback)
        if entry.name and view.__module__.startswith("parkbrain."):
            yield entry.name, view
    yield from operations(root.get_api())


def operations(api: NinjaAPI) -> Iterator[tuple[str, Callable[..., Any]]]:
    for _prefix, router in api._routers:
        for path in router.path_operations.values():
            for operation in path.operations:
                view = inspect.unwrap(operation.view_func)
                yield f"api:{view.__name__}", view


def names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_of(inner)


def texts_of(code: CodeType) -> Iterator[str]:
    for value in code.co_consts:
        if isinstance(value, str):
            yield value
        elif isinstance(value, CodeType):
            yield from texts_of(value)


def reached(view: Callable[..., Any], seen: set[Any]) -> Iterator[Any]:
    """Yield what a view and the helpers of its room name and write: functions, classes, lists and texts."""
    if view in seen:
        return
    seen.add(view)
    yield from texts_of(view.__code__)
    names = set(names_of(view.__code__))
    here = {name: view.__globals__[name] for name in names if name in view.__globals__}
    modules = [value for value in here.values() if isinstance(value, ModuleType)]
    named = [*here.values(), *(getattr(module, name) for module in modules for name in names if hasattr(module, name))]
    for value in named:
        yield value
        if inspect.isfunction(value) and any(room in value.__module__ for room in (".views", ".api")):
            yield from reached(inspect.unwrap(value), seen)


def files() -> dict[str, Callable[..., Any]]:
    found = {}
    for name, view in routes():
        values = list(reached(view, set()))
        written = any(word in value for value in values if isinstance(value, str) for word in WORDS)
        if written or any(value is one for value in values for one in HANDS_OUT):
            found[name] = view
    return found


def test_every_file_of_a_page_can_be_sent_or_says_why_not() -> None:
    found = set(files())
    assert found == SENT.keys() | EXCEPTIONS.keys(), found ^ (SENT.keys() | EXCEPTIONS.keys())
    assert not SENT.keys() & EXCEPTIONS.keys() and all(EXCEPTIONS.values())
    named = {key for keys in SENT.values() for key in keys}
    assert named <= registry.page_reports.keys()
    for key in named - {"portfolio.published"}:
        of_thing = registry.page_reports.get(key).find is not None
        assert of_thing or key in PAGES, key


def test_every_page_of_a_list_shows_a_list_that_can_be_sent() -> None:
    count = 0
    for name, view in routes():
        values = list(reached(view, set()))
        if not any(value is lists.respond for value in values):
            continue
        count += 1
        shown = [value for value in values if isinstance(value, ListSpec)]
        assert shown and all(lists.lists.get(spec.key) is spec for spec in shown), name
    assert count >= 30


def test_every_report_is_offered_where_it_is_read() -> None:
    """A report that no page offers is found by nobody."""
    folder = Path(parkbrain.__file__).parent
    templates = "".join(path.read_text() for path in folder.glob("*/templates/**/*.html"))
    for key, _report in registry.page_reports.items():
        by_list = key.startswith("cockpit.") or key == "leasing.schedules"
        assert by_list or f'report="{key}"' in templates, key


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*Role, None])
def test_a_report_goes_to_whoever_may_open_its_page_and_to_nobody_else(role: Role | None) -> None:
    park = make_park()
    user = (
        make_user(role, park.branch, subject="91440300MA5FAKE01X" if role == Role.TENANT else "")
        if role
        else make_user(None)
    )
    whole = {key for key, report in registry.page_reports.items() if report.find is None}
    assert whole == PAGES.keys()
    client = Client()
    client.force_login(user)
    for key, name in PAGES.items():
        report = registry.page_reports.get(key)
        of = None if report.is_of_city else park
        opens = client.get(address(name, park)).status_code == 200
        assert may_receive(user=user, list_key="", report_key=key, park=of) == opens, (key, name, opens)
        if not opens:
            asked = {"report": key, **({"park": park.pk} if of else {})}
            assert client.get(reverse("report_now", args=[report.kinds[0]]), asked).status_code in (403, 404), key


def address(name: str, park: Park) -> str:
    if name == "record_export":
        return f"{reverse(name)}?park={park.pk}"
    of_no_park = {"city_brief", "city", "exchange_between", "rent_roll"}
    return reverse(name) if name in of_no_park else reverse(name, args=[park.pk])
