"""The tutorial works: its cells run in order, with the generated client, against a live server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parkbrain.integration.api import get_document
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Premises
from tests.factories import make_enterprise, make_occupancy, make_park, make_premises, make_user

from .conftest import caller_for

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"


@pytest.fixture(scope="module")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the client as `make client` does, and fail on anything that it leaves out."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(get_document()))
    tool = Path(sys.executable).with_name("openapi-python-client")
    command = [tool, "generate", "--path", folder / "openapi.json", "--config", GUIDE / "client.yaml", "--meta", "none"]
    command += ["--fail-on-warning", "--output-path", folder / "parkbrain_client"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout
    return folder


def test_client_has_every_operation(client_folder: Path) -> None:
    made = {path.stem for path in (client_folder / "parkbrain_client" / "api").rglob("*.py")}
    named = {said["operationId"] for ops in get_document()["paths"].values() for said in ops.values()}
    assert named <= made


@pytest.mark.django_db(transaction=True)
def test_cells_of_the_tutorial_run_against_a_live_server(
    client_folder: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    park = make_park(land_area_m2=100_000)
    user = make_user(Role.OPERATOR, park.branch.parent)
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=firm)
    make_premises(park=park, code="FREE", floor_load_kn_m2=10)
    monkeypatch.setenv("PARKBRAIN_URL", live_server.url)
    monkeypatch.setenv("PARKBRAIN_TOKEN", caller_for(user).secret)
    monkeypatch.setenv("PARKBRAIN_CLIENT", str(client_folder))
    monkeypatch.setattr(sys, "path", list(sys.path))
    cells = json.loads((GUIDE / "api.ipynb").read_text())["cells"]
    names: dict[str, Any] = {"__name__": "tutorial"}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    said = capsys.readouterr().out
    assert f"{user.username} [" in said
    assert "FREE 500.0 m² 10.0 kN/m²" in said
    assert "refused: FREE is occupied by" in said
    assert names["stated"].value == 86
    assert Premises.objects.get(code="FREE").occupancies.get().ends_on is not None
    body, secret = b'{"type": "x"}', "whsec_" + "AAAA" * 8
    assert not names["is_genuine"](
        {"webhook-id": "a", "webhook-timestamp": "0", "webhook-signature": "v1,x"}, body, secret
    )


def test_notebook_is_committed_without_outputs() -> None:
    cells = json.loads((GUIDE / "api.ipynb").read_text())["cells"]
    assert not [cell["id"] for cell in cells if cell.get("outputs")]
