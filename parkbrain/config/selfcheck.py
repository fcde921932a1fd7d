"""The self-check: what an operator would otherwise learn from a failure."""

from __future__ import annotations

import ast
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import global_settings, settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.accounts.queries import has_second_factor
from parkbrain.billing.queries import find_unsound_bills
from parkbrain.kernel import audit
from parkbrain.kernel.models import Approval, AuditEvent, Membership, User
from parkbrain.kernel.roles import Permission, Role, roles_with
from parkbrain.kernel.work import stale_jobs

PACKAGE_DIR = Path(__file__).resolve().parent.parent
#: Pages anybody may open without signing in; a new one must be added here on purpose.
#: The API asks for a token instead; its document and the page of its operations tell nothing of what is stored.
OPEN_PAGES = frozenset(
    {
        "sign_in",
        "account_login",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "openid_connect_login",
        "openid_connect_callback",
        "password_forgotten",
        "password_set",
        "set_language",
        "set_theme",
        "healthz",
        "api",
        "api_docs",
        "api_document",
    }
)
FIRST_GUESSES = ("admin", "password", "parkbrain", "123456")
WALKED_EVENTS = 2000
LOW_DISK_BYTES = 2 * 1024**3
#: Settings that a library of ours reads by name.
LIBRARY_PREFIXES = ("WHITENOISE_", "ACCOUNT_", "ALLAUTH_", "MFA_", "SOCIALACCOUNT_")
READ_BY_LIBRARIES = frozenset({"TASKS", "ROOT_URLCONF", "COTTON_SNAKE_CASED_NAMES", "COTTON_DIR"})


@dataclass(frozen=True)
class Finding:
    """One answer of the self-check."""

    key: str
    level: str
    title: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """Return it for JSON."""
        return asdict(self)


def _finding(key: str, title: str, problem: str | None, ok: str, level: str = "error") -> Finding:
    return Finding(key, level if problem else "ok", title, problem or ok)


def check_disk() -> Finding:
    """Tell whether the data folder has room."""
    free = shutil.disk_usage(settings.HOME_DIR).free
    text = _("%(gb).1f GB free") % {"gb": free / 1024**3}
    return _finding("disk", _("Disk"), text if free < LOW_DISK_BYTES else None, text, "warning")


def check_clock() -> Finding:
    """Tell whether the clock runs behind what is already recorded."""
    now = timezone.now()
    newest = AuditEvent.objects.order_by("-at").values_list("at", flat=True).first()
    problem = None
    if newest is not None and newest > now + timedelta(minutes=5):
        problem = _("the newest event is of %(at)s, later than the clock (%(now)s)") % {"at": newest, "now": now}
    return _finding("clock", _("Clock"), problem, timezone.localtime(now).strftime("%Y-%m-%d %H:%M %Z"))


def check_database() -> Finding:
    """Tell whether the tables are up to date and, on SQLite, sound."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    problem = _("%(count)s changes of the tables are not applied: run “parkbrain run”") % {"count": missing}
    if missing:
        return _finding("database", _("Database"), problem, "")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            verdict = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
        return _finding("database", _("Database"), None if verdict == "ok" else str(verdict), _("sound"))
    return _finding("database", _("Database"), None, _("up to date"))


def check_stale_jobs() -> Finding:
    """Tell whether jobs claim to run though their worker is gone."""
    stale = stale_jobs(at=timezone.now())
    problem = _("%(count)s jobs are stuck") % {"count": len(stale)} if stale else None
    return _finding("stale_jobs", _("Jobs"), problem, _("none is stuck"))


def _names_read_in_package() -> set[str]:
    names: set[str] = set()
    for path in PACKAGE_DIR.rglob("*.py"):
        if path.name == "settings.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings":
                names.add(node.attr)
    return names


def unread_settings() -> list[str]:
    """Return the settings of ours that no code reads."""
    tree = ast.parse((Path(__file__).parent / "settings.py").read_text())
    ours = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }
    known = set(dir(global_settings)) | READ_BY_LIBRARIES | {n for n in ours if n.startswith(LIBRARY_PREFIXES)}
    used_inside = {
        node.id
        for statement in tree.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return sorted(ours - known - _names_read_in_package() - used_inside)


def check_unread_settings() -> Finding:
    """Tell whether a setting does nothing."""
    unread = unread_settings()
    problem = _("no code reads %(names)s") % {"names": ", ".join(unread)} if unread else None
    return _finding("unread_settings", _("Settings"), problem, _("each is read by code"))


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def open_pages() -> set[str]:
    """Return the names of the pages that need no sign-in."""
    return {
        str(pattern.name)
        for pattern in _patterns(get_resolver())
        if getattr(pattern.callback, "login_required", True) is False
    }


def permission_holes() -> list[str]:
    """Return what would let somebody see or do what they should not."""
    holes = [_("the page %(name)s needs no sign-in") % {"name": name} for name in sorted(open_pages() - OPEN_PAGES)]
    # Who came by single sign-on, or waits for a second person's approval, has no role for a reason.
    expected = Approval.objects.filter(state=Approval.State.WAITING).values_list("params__username", flat=True)
    roleless = User.objects.filter(is_active=True, memberships=None, socialaccount=None)
    without_role = roleless.exclude(username__in=list(expected)).count()
    if without_role:
        holes.append(_("%(count)s active people have no role") % {"count": without_role})
    declaring = roles_with(Permission.DECLARE_FACT)
    both = (
        Membership.objects.filter(role=Role.ASSESSOR)
        .filter(user__memberships__role__in=declaring - {Role.ADMINISTRATOR})
        .values("user")
        .distinct()
        .count()
    )
    if both:
        holes.append(_("%(count)s assessors also declare facts: they would judge their own work") % {"count": both})
    for path in (Path(settings.HOME_DIR) / "secret_key", Path(str(settings.DATABASES["default"]["NAME"]))):
        if path.is_file() and path.stat().st_mode & stat.S_IROTH and path.name == "secret_key":
            holes.append(_("everybody on this machine can read %(file)s") % {"file": path.name})
    return holes


def check_permissions() -> Finding:
    """Tell whether permissions have holes."""
    holes = permission_holes()
    return _finding("permissions", _("Permissions"), "; ".join(holes) or None, _("no hole found"))


def check_sign_in() -> Finding:
    """Tell whether people can sign in, and whether an administrator's password is one that everybody would try."""
    problems = []
    stuck = [
        user.username
        for user in User.objects.filter(is_active=True, memberships__isnull=False, socialaccount=None).distinct()
        if not user.has_usable_password() and not has_second_factor(user=user)
    ]
    if stuck:
        problems.append(_("no way to sign in: %(names)s") % {"names": ", ".join(sorted(stuck)[:10])})
    administrators = User.objects.filter(is_active=True, memberships__role=Role.ADMINISTRATOR).distinct()
    # Each try costs what a sign-in costs, so only those who may do everything, and the first few guesses.
    weak = [
        user.username
        for user in administrators.order_by("pk")[:5]
        if any(user.check_password(guess) for guess in (*FIRST_GUESSES, user.username))
    ]
    if weak:
        problems.append(_("a password that everybody would try: %(names)s") % {"names": ", ".join(weak)})
    return _finding("sign_in", _("Sign-in"), "; ".join(problems) or None, _("everybody can, with no known password"))


def check_audit_chain() -> Finding:
    """Tell whether the newest events of the audit trail still form a chain; “parkbrain audit verify” walks all."""
    chain = audit.verify_chain(last=WALKED_EVENTS)
    problem = _("broken at event %(at)s: %(fault)s") % {"at": chain.broken_at, "fault": chain.fault}
    ok = _("%(count)s events, unbroken") % {"count": chain.length}
    return _finding("audit", _("Audit trail"), None if chain.holds else problem, ok)


def check_bills() -> Finding:
    """Tell whether every issued bill still comes to the sum of its lines, and what is paid of it to its payments."""
    found = find_unsound_bills()
    told = (
        (found.lines, _("not the sum of their lines: %(bills)s")),
        (found.payments, _("not paid by what was allocated: %(bills)s")),
    )
    problems = [text % {"bills": ", ".join(numbers[:10])} for numbers, text in told if numbers]
    ok = _("%(count)s bills, each the sum of its lines and payments") % {"count": found.checked}
    return _finding("bills", _("Bills"), "; ".join(problems) or None, ok)


def check_front_end() -> Finding:
    """Tell whether the front end is built."""
    from parkbrain.ui.assets import check_built

    try:
        check_built()
    except Exception as error:
        return _finding("front_end", _("Front end"), str(error), "")
    return _finding("front_end", _("Front end"), None, _("built"))


def check_languages() -> Finding:
    """Tell whether the message catalogues are compiled."""
    missing = [
        language
        for language in ("zh_Hans", "zh_Hant")
        if not (PACKAGE_DIR / "locale" / language / "LC_MESSAGES" / "django.mo").is_file()
    ]
    problem = _("no compiled messages for %(names)s: run “make messages”") % {"names": ", ".join(missing)}
    return _finding("languages", _("Languages"), problem if missing else None, _("three languages"))


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_disk,
    check_clock,
    check_database,
    check_stale_jobs,
    check_unread_settings,
    check_permissions,
    check_sign_in,
    check_audit_chain,
    check_bills,
    check_front_end,
    check_languages,
)


def run_all() -> list[Finding]:
    """Run every check; one that fails to run is itself a finding."""
    findings = []
    for check in CHECKS:
        try:
            findings.append(check())
        except Exception as error:
            findings.append(Finding(check.__name__, "error", check.__name__, str(error)))
    return findings


__all__ = ["CHECKS", "OPEN_PAGES", "Finding", "open_pages", "permission_holes", "run_all", "unread_settings"]
