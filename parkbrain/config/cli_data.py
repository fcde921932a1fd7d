"""Commands about data: template, import, export, rate."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .terminal import LANGUAGE, Failure, _, answer, json_option, progress_bar, setup

if TYPE_CHECKING:
    from parkbrain.kernel.models import Park, User
    from parkbrain.kernel.taking import Area

FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


def _actor(username: str | None) -> User:
    """Return the person in whose name the terminal acts: the one named, or the first administrator."""
    from parkbrain.kernel.models import User
    from parkbrain.kernel.roles import Role

    if username:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise Failure(_("Nobody signs in as %(name)s.") % {"name": username})
        return user
    admin = User.objects.filter(memberships__role=Role.ADMINISTRATOR, is_active=True).order_by("pk").first()
    return admin or _first_administrator()


def _first_administrator() -> User:
    """Make the first administrator of an empty installation and show the password once."""
    from django.utils import timezone

    from parkbrain.accounts import services
    from parkbrain.kernel.models import Branch, User
    from parkbrain.kernel.roles import Role

    if User.objects.exists():
        raise Failure(_("This installation has no administrator; name a person with --as."))
    root = Branch.objects.order_by("path").first() or services.create_root_branch(at=timezone.now())
    user, password = services.add_person(
        username="admin", full_name="Administrator", role=Role.ADMINISTRATOR, branch=root, actor=None, at=timezone.now()
    )
    click.echo(
        _("First sign-in, shown only this once: %(name)s  %(password)s") % {"name": "admin", "password": password},
        err=True,
    )
    return user


def _park(code: str) -> Park:
    from parkbrain.kernel.models import Park

    park = Park.objects.filter(code=code).first()
    if park is None:
        raise Failure(_("There is no park with the code %(code)s.") % {"code": code})
    return park


@click.command(help=_("Write the workbook to fill in."))
@click.argument("path", type=FILE)
@json_option
def template(path: Path, as_json: bool) -> None:
    """Write the workbook in the chosen language."""
    setup()
    from parkbrain.intake import services

    try:
        services.write_template(target=path, language=LANGUAGE)
    except OSError as error:
        raise Failure(str(error)) from error
    answer({"path": str(path)}, as_json=as_json, text=_("Workbook written to %(path)s.") % {"path": path})


@click.command("import", help=_("Check a workbook or table and take it in, all of it or nothing."))
@click.argument("path", type=EXISTING, required=False)
@click.option("--park", "park_code", help=_("Code of the park the rows belong to; the file may name it itself."))
@click.option("--park-name", default="", help=_("Name of the park to make where the code of --park is new."))
@click.option("--profile", default="", help=_("Read the file by this saved profile."))
@click.option("--sheet-as", default="", help=_("What the sheets are, for example buildings."))
@click.option("--branch", "branch_code", help=_("Code of the branch whose parks a table of the bureau is about."))
@click.option("--round", "round_id", type=int, help=_("Number of the data round whose answers the table fills in."))
@click.option("--on", "cut_off_on", type=click.DateTime(["%Y-%m-%d"]), help=_("Day the table's facts look at."))
@click.option("--source", default="", help=_("Where the table of the bureau comes from."))
@click.option("--as", "username", help=_("Sign-in name of the person who imports; an administrator unless given."))
@click.option("--dry-run", is_flag=True, help=_("Check and show what would change; write nothing."))
@click.option("--rollback", "batch_id", type=int, help=_("Number of an import to take back, in place of a file."))
@json_option
def import_(
    path: Path | None,
    park_code: str | None,
    park_name: str,
    profile: str,
    sheet_as: str,
    branch_code: str | None,
    round_id: int | None,
    cut_off_on: datetime | None,
    source: str,
    username: str | None,
    dry_run: bool,
    batch_id: int | None,
    as_json: bool,
) -> None:
    """Import a file, or take an import back; exit code 1 when it has errors."""
    if (path is None) == (batch_id is None):
        raise click.UsageError(_("Give a file, or the number of an import with --rollback."))
    setup()
    if path is None:
        assert batch_id is not None
        return _roll_back(batch_id, username, dry_run, as_json)
    from django.utils import timezone

    from parkbrain.intake import services

    from .cli_serve import prepare_database

    prepare_database()
    actor = _actor(username)
    area = _area(branch_code, round_id, cut_off_on, source, actor)
    with progress_bar(_("Importing")) as move:
        try:
            summary = services.import_file(
                path=path, actor=actor, at=timezone.now(), park_code=park_code, park_name=park_name,
                reading=services.Reading(profile=profile, sheet_as=sheet_as), dry_run=dry_run, progress=move,
                area=area,
            )  # fmt: skip
        except services.CannotTakeIn as refusal:
            raise Failure(str(refusal)) from refusal
    answer(summary.as_dict(), as_json=as_json, text=summary.as_text())
    if summary.problems:
        raise SystemExit(1)


def _area(
    branch_code: str | None, round_id: int | None, cut_off_on: datetime | None, source: str, actor: User
) -> Area | None:
    """Return what a table of the bureau is taken into; None where the file is about one park."""
    if branch_code is None and round_id is None:
        return None
    from parkbrain.kernel.models import Branch
    from parkbrain.portfolio.models import DataRound
    from parkbrain.portfolio.services import CannotRunRound, make_area

    data_round = DataRound.objects.select_related("branch").filter(pk=round_id).first() if round_id else None
    branch = data_round.branch if data_round else Branch.objects.filter(code=branch_code).first()
    if branch is None:
        raise Failure(_("There is no such data round or branch."))
    day = cut_off_on.date() if cut_off_on else None
    try:
        return make_area(branch=branch, actor=actor, source=source, data_round=data_round, cut_off_on=day)
    except CannotRunRound as refusal:
        raise Failure(str(refusal)) from refusal


def _roll_back(batch_id: int, username: str | None, dry_run: bool, as_json: bool) -> None:
    from django.utils import timezone

    from parkbrain.intake import queries, services

    from .cli_serve import prepare_database

    prepare_database()
    actor = _actor(username)
    try:
        batch = services.find_batch_to_roll_back(batch_id=batch_id, actor=actor)
        plan = queries.get_rollback_plan(batch=batch)
        if not dry_run:
            with progress_bar(_("Rolling back")) as move:
                services.roll_back_batch(batch=batch, actor=actor, at=timezone.now(), progress=move)
    except services.CannotRollBackBatch as refusal:
        raise Failure(str(refusal)) from refusal
    data = {"batch_id": batch_id, "dry_run": dry_run, **plan.as_dict()}
    sentence = (
        _("Import %(batch_id)s would be rolled back: %(removed)s rows removed, %(restored)s restored.")
        if dry_run
        else _("Import %(batch_id)s was rolled back: %(removed)s rows removed, %(restored)s restored.")
    )
    lines = [sentence % data, *(f"  {c['kind']} {c['name']}: {c['reason']}" for c in data["conflicts"])]
    answer(data, as_json=as_json, text="\n".join(lines))
    if data["conflicts"]:
        raise SystemExit(1)


@click.command(help=_("Write a park's record as a workbook that can be imported again."))
@click.argument("park_code")
@click.argument("path", type=FILE)
@json_option
def export(park_code: str, path: Path, as_json: bool) -> None:
    """Export the record of a park."""
    setup()
    from parkbrain.intake import services

    services.write_export(park=_park(park_code), target=path, language=LANGUAGE)
    answer({"path": str(path)}, as_json=as_json, text=_("Record written to %(path)s.") % {"path": path})


@click.command(
    help=_(
        "Rate a table of facts by a scheme file (no database needed), or a park of this installation.\n\n"
        "parkbrain rate SCHEME.yaml FACTS.csv --out scores.csv\n\n"
        "parkbrain rate --park CODE [--scheme ID] [--pdf FILE] [--xlsx FILE]"
    )
)
@click.argument("scheme", type=EXISTING, required=False)
@click.argument("facts", type=EXISTING, required=False)
@click.option("--out", type=FILE, help=_("Write every value and score as CSV."))
@click.option("--park", "park_code", help=_("Code of a park of this installation."))
@click.option("--scheme", "scheme_id", default="five-star-reference", show_default=True, help=_("Scheme to rate by."))
@click.option("--pdf", type=FILE, help=_("Write the report as PDF."))
@click.option("--xlsx", type=FILE, help=_("Write the workbook with live formulas."))
@json_option
def rate(
    scheme: Path | None,
    facts: Path | None,
    out: Path | None,
    park_code: str | None,
    scheme_id: str,
    pdf: Path | None,
    xlsx: Path | None,
    as_json: bool,
) -> None:
    """Rate a table, or a park."""
    if park_code:
        _rate_park(park_code, scheme_id, pdf, xlsx, as_json)
    elif scheme and facts:
        _rate_table(scheme, facts, out, as_json)
    else:
        raise click.UsageError(_("Give a scheme file and a table of facts, or --park."))


def _rate_table(scheme: Path, facts: Path, out: Path | None, as_json: bool) -> None:
    from parkbrain.calc import rating
    from parkbrain.schemes import catalogue

    try:
        summary = rating.rate_files(scheme, facts, out, catalogue=catalogue())
    except (rating.SchemeError, rating.TableError) as error:
        raise Failure(str(error)) from error
    data = summary.as_dict()
    lines = [
        _("%(units)s units rated by %(scheme)s in %(ms).0f ms.")
        % {"units": data["units"], "scheme": data["scheme"], "ms": data["milliseconds"]}
    ]
    if out:
        lines.append(_("Scores written to %(path)s.") % {"path": out})
    answer(data, as_json=as_json, text="\n".join(lines))


def _rate_park(park_code: str, scheme_id: str, pdf: Path | None, xlsx: Path | None, as_json: bool) -> None:
    setup()
    from parkbrain.assessment import queries, reports

    park = _park(park_code)
    try:
        sheet = queries.get_star_sheet(park=park, scheme_id=scheme_id)
    except queries.NotRated as refusal:
        raise Failure(str(refusal)) from refusal
    if pdf:
        pdf.write_bytes(reports.render_pdf(sheet=sheet, language=LANGUAGE))
    if xlsx:
        xlsx.write_bytes(reports.render_xlsx(sheet=sheet, language=LANGUAGE))
    data: dict[str, Any] = sheet.as_dict()
    answer(data, as_json=as_json, text=sheet.sentence)


COMMANDS = (template, import_, export, rate)
