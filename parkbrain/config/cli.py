"""The console command `parkbrain`: everything a person does from a terminal."""

from __future__ import annotations

import click

from . import cli_data, cli_serve, cli_setup, cli_system
from .terminal import LANGUAGES, _


@click.group(help=_("ParkBrain: the operating system for industrial parks."))
@click.option(
    "--language", type=click.Choice(sorted(LANGUAGES)), help=_("Language of messages, workbooks and reports.")
)
@click.version_option(package_name="parkbrain", message="%(prog)s %(version)s", help=_("Show the version and exit."))
def main(language: str | None) -> None:
    """Hold the commands; the language was read before, so that help itself is in it."""


for command in (*cli_serve.COMMANDS, *cli_data.COMMANDS, *cli_setup.COMMANDS, *cli_system.COMMANDS):
    main.add_command(command)
