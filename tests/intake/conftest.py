"""What the tests of intake share: the toy, an operator with a park, and workbooks made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from parkbrain.intake import services
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_park, make_user

from .toy import only_toy


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return an .xlsx with these rows; dates are written as dates."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    book.close()
    return buffer.getvalue()


@pytest.fixture
def toy() -> Iterator[None]:
    """Let the toy be all that can be imported."""
    with only_toy():
        yield


@pytest.fixture
def park(db: None) -> Park:
    """A park."""
    return make_park()


@pytest.fixture
def operator(park: Park) -> User:
    """A person who may change the park's record."""
    return make_user(Role.OPERATOR, park.branch.parent)


@pytest.fixture
def upload(park: Park, operator: User) -> Callable[..., Batch]:
    """Return a function that uploads content as a batch of the park."""

    def run(content: bytes, name: str = "gadgets.xlsx", into: Park | None = park) -> Batch:
        return services.upload_batch(name=name, chunks=[content], park=into, actor=operator, at=AT)

    return run


@pytest.fixture
def check(upload: Callable[..., Batch], operator: User) -> Callable[..., Batch]:
    """Return a function that uploads sheets (or bytes) and checks them."""

    def run(content: Any, name: str = "gadgets.xlsx", **where: Any) -> Batch:
        data = content if isinstance(content, bytes) else workbook_bytes(content)
        return services.check_batch(batch=upload(data, name, **where), actor=operator, at=AT)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes content to a file."""

    def run(content: Any, name: str = "gadgets.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else workbook_bytes(content))
        return path

    return run


@pytest.fixture
def clerk(db: None) -> User:
    """An operator without a park so far."""
    return make_user(Role.OPERATOR)


@pytest.fixture
def take(tmp_path: Path, clerk: User) -> Callable[..., Batch]:
    """Return a function that takes sheets in and returns the applied batch."""

    def run(content: Any, *, at: Any = AT, actor: User | None = None) -> Batch:
        path = tmp_path / "park.xlsx"
        path.write_bytes(workbook_bytes(content))
        summary = services.import_file(path=path, actor=actor or clerk, at=at)
        assert not summary.problems, summary.as_text()
        return Batch.objects.get(pk=summary.batch_id)

    return run
