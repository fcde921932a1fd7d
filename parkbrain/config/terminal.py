"""What every command of the terminal shares: the language, starting Django, refusals, JSON, progress."""

from __future__ import annotations

import gettext as stdlib_gettext
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

LANGUAGES = {"en": "en", "zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"


def _wanted_language(arguments: list[str]) -> str:
    """Return the language of --language, PARKBRAIN_LANGUAGE or the terminal, in that order."""
    for index, argument in enumerate(arguments):
        if argument.startswith("--language="):
            return _normal(argument.split("=", 1)[1])
        if argument == "--language" and index + 1 < len(arguments):
            return _normal(arguments[index + 1])
    for name in ("PARKBRAIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return _normal(value)
    return "en"


def _normal(value: str) -> str:
    """Map zh_CN.UTF-8, zh-TW, en_US … to one of the three languages."""
    tag = value.split(".")[0].replace("_", "-").lower()
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return "zh-hant"
    if tag.startswith("zh"):
        return "zh-hans"
    return "en"


LANGUAGE = _wanted_language(sys.argv[1:])
# Click speaks through the standard library's gettext; our catalogue carries its few sentences too.
_catalogue = stdlib_gettext.translation("django", LOCALE_DIR, [LANGUAGES[LANGUAGE]], fallback=True)
_ = _catalogue.gettext


def _speak() -> None:
    """Let click's own words (usage, options, errors) come in the chosen language."""
    import click.core
    import click.decorators
    import click.exceptions
    import click.formatting
    import click.parser
    import click.termui
    import click.types

    for module in (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types):
        if hasattr(module, "_"):
            module._ = _catalogue.gettext  # type: ignore[attr-defined]
        if hasattr(module, "ngettext"):
            setattr(module, "ngettext", _catalogue.ngettext)  # noqa: B010


_speak()


def setup() -> None:
    """Start Django in the chosen language."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(LANGUAGE)


class Failure(click.ClickException):
    """A refusal with words for people; exit code 1."""


def json_option(function: Any) -> Any:
    """Add `--json`: one JSON object on standard output for programs, words on standard error for people."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object for programs."))(function)


def answer(data: dict[str, Any], *, as_json: bool, text: str = "") -> None:
    """Print the answer: one JSON object, or the words."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, default=str))
    elif text:
        click.echo(text)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on standard error and yield the function that moves it: (stage, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)

        def move(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage or title, completed=done, total=total or None)

        yield move
