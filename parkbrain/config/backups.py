"""Backups: one archive with the database, documents, readings and a manifest of hashes; restored only if all is sound."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from parkbrain import __version__
from parkbrain.kernel.models import AuditHead
from parkbrain.lake.models import Segment

from .locking import AlreadyRunning, hold_lock
from .prepared import forget_prepared

FORMAT = "parkbrain.backup/1"


class CannotBackUp(Exception):
    """The backup could not be written."""


class CannotRestore(Exception):
    """The file is not a sound backup, or the system is running."""


@dataclass(frozen=True)
class BackupSummary:
    """What was written."""

    size_bytes: int
    document_count: int


@dataclass(frozen=True)
class RestoreSummary:
    """Where the data from before the restore are kept."""

    kept_at: Path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _dump_database(target: Path) -> None:
    """Write a consistent copy of the database while others may write to it."""
    if _is_sqlite():
        # The online backup interface copies a consistent state; copying the file would tear a WAL database.
        with sqlite3.connect(target) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        copy.close()
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # One snapshot for the dump and for the list of the files of readings that it names.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            live = Segment.objects.filter(is_live=True).order_by("pk").values_list("path", "size_bytes")
            target.with_suffix(".segments").write_text(json.dumps([list(row) for row in live]))
            command = ["pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}"]
            subprocess.run([*command, f"--dbname={_postgres_uri()}"], check=True, capture_output=True)
    except FileNotFoundError as error:
        raise CannotBackUp(_("pg_dump is not installed.")) from error
    except subprocess.CalledProcessError as error:
        raise CannotBackUp(error.stderr.decode(errors="replace").strip()) from error


def _postgres_uri() -> str:
    from urllib.parse import quote

    db = connection.settings_dict
    user = f"{quote(db['USER'])}:{quote(db['PASSWORD'])}@" if db["USER"] else ""
    port = f":{db['PORT']}" if db["PORT"] else ""
    return f"postgresql://{user}{db['HOST']}{port}/{db['NAME']}"


def _audit_head() -> AuditHead | None:
    """Return the newest link of the audit chain; a database from before the chain has none."""
    if AuditHead._meta.db_table not in connection.introspection.table_names():
        return None
    return AuditHead.objects.filter(pk=1).first()


def _link_segments(dump: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Give the files that the copied manifest names a second name in the folder, and return size and hash by path.

    A file that is sorted into another one meanwhile is removed from the lake only minutes later, and its second name stays.
    """
    found = {}
    for path, size in _segments_of(dump):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        source = Path(settings.LAKE_DIR) / path
        try:
            os.link(source, target)
        except FileNotFoundError as error:
            raise CannotBackUp(_("The file %(name)s of the readings is missing.") % {"name": path}) from error
        except OSError:  # another file system
            shutil.copy2(source, target)
        found[path] = {"size": size, "sha256": _sha256(target)}
    return found


def _segments_of(dump: Path) -> list[tuple[str, int]]:
    if not _is_sqlite():
        # Read in the snapshot that was dumped: `_dump_database` left it beside the dump.
        return [(str(path), int(size)) for path, size in json.loads(dump.with_suffix(".segments").read_text())]
    table = Segment._meta.db_table
    with sqlite3.connect(dump) as copy:
        # A database from before there was a lake has no manifest.
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
            return []
        rows = copy.execute(f"SELECT path, size_bytes FROM {table} WHERE is_live ORDER BY id").fetchall()
    copy.close()
    return [(str(path), int(size)) for path, size in rows]


def write_backup(*, path: Path) -> BackupSummary:
    """Write the archive beside its final name and rename it, so that a broken run leaves no half backup.

    :raises CannotBackUp: the database could not be copied, or the target cannot be written.
    """
    documents = sorted(p for p in Path(settings.MEDIA_ROOT).glob("*/*") if p.is_file())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        home = Path(settings.HOME_DIR)
        with tempfile.TemporaryDirectory(prefix="backup-", dir=home) as folder:
            dump = Path(folder) / "database"
            # Taken before the copy, so that it is a link of the copied chain whatever is written meanwhile.
            head = _audit_head()
            _dump_database(dump)
            segments = _link_segments(dump, Path(folder) / "lake")
            manifest = {
                "format": FORMAT,
                "version": __version__,
                "vendor": connection.vendor,
                "written_at": datetime.now(UTC).isoformat(),
                "database_sha256": _sha256(dump),
                "audit_events": head.position if head else 0,
                "audit_head": head.hash if head else "",
                "documents": {p.name: p.stat().st_size for p in documents},
                "lake": segments,
            }
            partial = path.with_name(path.name + ".partial")
            note = Path(folder) / "manifest.json"
            note.write_text(json.dumps(manifest, indent=1))
            with tarfile.open(partial, "w:gz", compresslevel=3) as archive:
                archive.add(note, "manifest.json")
                archive.add(dump, "database")
                for document in documents:
                    archive.add(document, f"documents/{document.parent.name}/{document.name}")
                for segment in segments:
                    archive.add(Path(folder) / "lake" / segment, f"lake/{segment}")
            partial.replace(path)
    except OSError as error:
        raise CannotBackUp(str(error)) from error
    return BackupSummary(path.stat().st_size, len(documents))


def _read_archive(path: Path, folder: Path) -> dict[str, object]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            # The data filter refuses absolute paths, links out of the folder and devices.
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / "manifest.json").read_text())
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise CannotRestore(_("%(name)s is not a backup of ParkBrain.") % {"name": path.name}) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise CannotRestore(_("%(name)s is not a backup of ParkBrain.") % {"name": path.name})
    return manifest


def _check_sound(manifest: dict[str, object], folder: Path) -> None:
    if manifest["vendor"] != connection.vendor:
        raise CannotRestore(
            _("The backup is of a %(theirs)s database; this installation uses %(ours)s.")
            % {"theirs": manifest["vendor"], "ours": connection.vendor}
        )
    if _sha256(folder / "database") != manifest["database_sha256"]:
        raise CannotRestore(_("The database in the backup is damaged."))
    for name in manifest["documents"]:  # type: ignore[attr-defined]
        document = folder / "documents" / name[:2] / name
        if not document.is_file() or _sha256(document) != name:
            raise CannotRestore(_("The document %(name)s in the backup is damaged or missing.") % {"name": name[:12]})
    # A backup of a version without a lake names no files of readings.
    for name, told in manifest.get("lake", {}).items():  # type: ignore[attr-defined]
        segment = folder / "lake" / name
        if not segment.is_file() or _sha256(segment) != told["sha256"]:
            raise CannotRestore(_("The file %(name)s of the readings is damaged or missing.") % {"name": name})


def restore_backup(*, path: Path) -> RestoreSummary:
    """Check the archive whole, set the present data aside, and put the backup in their place.

    :raises CannotRestore: the archive is not sound, or the system is running.
    """
    home = Path(settings.HOME_DIR)
    try:
        with hold_lock(), tempfile.TemporaryDirectory(dir=home) as name:
            folder = Path(name)
            _check_sound(_read_archive(path, folder), folder)
            kept = home / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
            kept.mkdir()
            forget_prepared()
            _replace_database(folder / "database", kept)
            media = Path(settings.MEDIA_ROOT)
            if media.exists():
                shutil.move(media, kept / media.name)
            if (folder / "documents").exists():
                shutil.move(folder / "documents", media)
            _replace_lake(folder / "lake", kept)
    except AlreadyRunning as error:
        raise CannotRestore(_("Stop the system first (Ctrl-C where it runs).")) from error
    return RestoreSummary(kept)


def _replace_lake(restored: Path, kept: Path) -> None:
    lake = Path(settings.LAKE_DIR)
    if lake.exists():
        shutil.move(lake, kept / "lake")
    if restored.exists():
        lake.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(restored, lake)


def _replace_database(dump: Path, kept: Path) -> None:
    connection.close()
    if _is_sqlite():
        database = Path(str(settings.DATABASES["default"]["NAME"]))
        for suffix in ("", "-wal", "-shm"):
            part = database.with_name(database.name + suffix)
            if part.exists():
                shutil.move(part, kept / part.name)
        shutil.move(dump, database)
        return
    uri = f"--dbname={_postgres_uri()}"
    try:
        subprocess.run(
            ["pg_dump", "--format=custom", f"--file={kept / 'database'}", uri], check=True, capture_output=True
        )
        subprocess.run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", uri, str(dump)],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError as error:
        raise CannotRestore(_("pg_restore is not installed.")) from error
    except subprocess.CalledProcessError as error:
        raise CannotRestore(error.stderr.decode(errors="replace").strip()) from error
