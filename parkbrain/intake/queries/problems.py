"""What is wrong with a file, and the sentence about it in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as made
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from .columns import get_choices, get_field_label, get_taker_label, get_unit_label
from .drawings import DRAWING_SENTENCES


@dataclass(frozen=True)
class Problem:
    """Something wrong: where it lies, the value as it stands there, and a code with the parameters of its sentence.

    `said` holds the sentence by language where a module said it; otherwise the page makes it from code and parameters.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    heading: str = ""
    field: str = ""
    taker: str = ""
    value: str = ""
    params: Mapping[str, Any] = made(default_factory=dict)
    said: Mapping[str, str] = made(default_factory=dict)

    @property
    def cell(self) -> str:
        """The cell's reference ("D7"), or the object of a drawing, as far as it is known."""
        if self.params.get("ref"):
            return str(self.params["ref"])
        return f"{self.column}{self.row}" if self.row is not None and self.column else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain values, without what is empty."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "", {})}


SENTENCES: Mapping[str, str | Promise] = {
    # The file as a whole.
    "file_empty": gettext_lazy("The file is empty."),
    "file_too_large": gettext_lazy("The file has %(size)s MB; at most %(limit)s MB are taken."),
    "file_kind": gettext_lazy(
        "Files of the kind “%(kind)s” cannot be read: use .xlsx, .xls, .ods, .csv, .ifc or .geojson."
    ),
    "file_broken": gettext_lazy("The file is damaged or is not what its name says: %(detail)s"),
    "file_encrypted": gettext_lazy("The file is protected by a password: save it without one."),
    "file_unpacks_too_large": gettext_lazy(
        "The file unpacks to %(size)s MB, more than %(limit)s MB: split it into several files."
    ),
    "file_encoding": gettext_lazy(
        "The text is in none of the encodings UTF-8, UTF-16, GB 18030 and Big5: save it as UTF-8."
    ),
    "sheet_too_large": gettext_lazy("The sheet reaches to cell %(cell)s: delete what lies outside the table."),
    "too_many_rows": gettext_lazy("The file has more than %(limit)s rows: split it into several files."),
    "nothing_recognized": gettext_lazy(
        "No sheet was recognized, neither by its name nor by its headings. The template shows which there are."
    ),
    "no_rows": gettext_lazy("No sheet has any rows to take in."),
    "formula_errors_somewhere": gettext_lazy("%(count)s formulas of the file end in an error: mend them first."),
    # Sheets and headings.
    "sheet_ambiguous": gettext_lazy("The sheet may be %(options)s: give it the name of one of them."),
    "sheet_twice": gettext_lazy("“%(other)s” is read as %(taker)s already: put the rows into one sheet."),
    "no_headings": gettext_lazy("None of the first ten rows has the headings of %(taker)s."),
    "heading_missing": gettext_lazy("The column “%(wanted)s” is missing."),
    "heading_twice": gettext_lazy("The columns %(first)s and %(second)s both are “%(wanted)s”."),
    "heading_ambiguous": gettext_lazy("“%(value)s” may be %(options)s: write it in full."),
    "heading_unit_unknown": gettext_lazy("The unit “%(unit)s” is not known; “%(wanted)s” is measured in %(own)s."),
    "heading_unit_other": gettext_lazy("“%(unit)s” does not measure “%(wanted)s”, which is in %(own)s."),
    **DRAWING_SENTENCES,
    "nothing_to_match": gettext_lazy("Nothing says what a row is about: map one of %(options)s."),
    "profile_unknown": gettext_lazy("No profile “%(profile)s” knows the headings of this file."),
    # What a row is about.
    "unmatched": gettext_lazy("No park is found by %(said)s."),
    "unmatched_near": gettext_lazy("No park is found by %(said)s; the nearest is %(nearest)s (score %(score)s)."),
    # The park.
    "park_missing": gettext_lazy("Choose the park, or add the sheet about the park itself."),
    "park_several": gettext_lazy("The file is about several parks (%(codes)s): one file, one park."),
    "park_not_yours": gettext_lazy("You may not change the park %(code)s."),
    # Cells.
    "required": gettext_lazy("“%(wanted)s” has to be given."),
    "clear_required": gettext_lazy("“%(wanted)s” cannot be emptied."),
    "duplicate": gettext_lazy("Row %(other)s is about the same thing."),
    "formula_error": gettext_lazy("The formula ends in %(value)s."),
    "formula_without_value": gettext_lazy(
        "The formula was never calculated: open the file, save it and upload it again."
    ),
    "merged": gettext_lazy(
        "The cell is merged with the one above: unmerge the block and write the value in every row."
    ),
    "letter_in_number": gettext_lazy("“%(value)s” has a letter in it. Is %(suggestion)s meant?"),
    "not_a_number": gettext_lazy("“%(value)s” is not a number. Leave the cell empty where it is not known."),
    "not_finite": gettext_lazy("“%(value)s” is no number of a sensible size."),
    "not_whole": gettext_lazy("“%(value)s” is not a whole number."),
    "unit_in_cell": gettext_lazy("“%(value)s” is not in %(unit)s."),
    "myriad_twice": gettext_lazy(
        "“%(value)s” is not clear: the column is in %(unit)s. Write the number without %(word)s, or write its unit in full."
    ),
    "below_minimum": gettext_lazy("%(value)s is less than %(limit)s %(unit)s, the least there can be."),
    "above_maximum": gettext_lazy("%(value)s is more than %(limit)s %(unit)s, the most there can be."),
    "not_a_date": gettext_lazy("“%(value)s” is not a date; write it as 2026-03-31."),
    "date_ambiguous": gettext_lazy("“%(value)s” may be %(first)s or %(second)s: write the year first."),
    "date_without_day": gettext_lazy("“%(value)s” has no day; write it as 2026-03-31."),
    "date_short_year": gettext_lazy("“%(value)s” has a year of two digits; write it as 2026-03-31."),
    "date_number": gettext_lazy(
        "“%(value)s” is a number. As a date of a spreadsheet it would be %(reading)s: format the cell as a date."
    ),
    "date_out_of_range": gettext_lazy("“%(value)s” does not lie between the years %(first)s and %(last)s."),
    "not_yes_or_no": gettext_lazy("“%(value)s” is neither yes nor no."),
    "not_a_choice": gettext_lazy("“%(value)s” is none of: %(options)s."),
    "too_long": gettext_lazy("The text has %(length)s characters, more than %(limit)s."),
    "unreadable": gettext_lazy("“%(value)s” cannot be read."),
    "not_a_polygon": gettext_lazy("“%(value)s” is no GeoJSON polygon."),
    "uscc_length": gettext_lazy("A credit code has 18 characters, not %(detail)s."),
    "uscc_character": gettext_lazy("%(detail)s does not occur in credit codes."),
    "uscc_area": gettext_lazy("%(detail)s is not an area code of six digits."),
    "uscc_check": gettext_lazy("The last character should be %(detail)s."),
    "uscc_as_number": gettext_lazy("“%(value)s” is stored as a number, which loses the last digits: store it as text."),
    # Refusals while writing.
    "database_refused": gettext_lazy(
        "The database refused these rows: something else was changed meanwhile, or rows contradict each other."
    ),
    # Remarks: nothing is wrong.
    "remark_macros": gettext_lazy("The file has macros; they are ignored."),
    "remark_xls": gettext_lazy(
        "The old .xls format does not tell failed formulas from empty cells; check the numbers, or save as .xlsx."
    ),
    "remark_examples": gettext_lazy("Example rows of “%(sheet)s” that were left out: %(count)s."),
    "remark_untouched": gettext_lazy(
        "Rows of “%(sheet)s” that are still as in the template and were left out: %(count)s."
    ),
    "remark_profile": gettext_lazy("“%(sheet)s” is read by the profile “%(profile)s”."),
    "remark_unit": gettext_lazy("“%(heading)s” of “%(sheet)s” is converted from %(unit)s to %(own)s."),
    "remark_encoding": gettext_lazy("The text was read as %(encoding)s."),
    "remark_hidden": gettext_lazy("The hidden sheet “%(sheet)s” was left out."),
    "remark_rows": gettext_lazy("“%(sheet)s”, %(count)s rows (%(rows)s): %(said)s"),
}


def get_sentence(
    *, code: str, params: Mapping[str, Any], said: Mapping[str, str] | None = None, taker: str = "", field: str = ""
) -> str:
    """Return what is wrong (or worth a remark) in the active language."""
    if said:
        return said.get(get_language() or "") or next(iter(said.values()))
    sentence = SENTENCES.get(code)
    if sentence is None:
        return code
    return str(sentence) % _shown(params, taker, field)


def get_problem_sentence(*, problem: Problem) -> str:
    """Return the sentence about a problem in the active language."""
    values = {"value": problem.value, **problem.params}
    return get_sentence(code=problem.code, params=values, said=problem.said, taker=problem.taker, field=problem.field)


def _shown(params: Mapping[str, Any], taker: str, field: str) -> dict[str, Any]:
    """Return the parameters as people read them: keys of sheets and fields become their names."""
    shown: dict[str, Any] = dict(params)
    if isinstance(shown.get("said"), dict):
        shown["said"] = shown["said"].get(get_language() or "") or next(iter(shown["said"].values()))
    if "unit" in shown:
        shown["unit"] = get_unit_label(unit=str(shown["unit"]))
    if "own" in shown:
        shown["own"] = get_unit_label(unit=str(shown["own"]))
    if "wanted" in shown:
        shown["wanted"] = get_field_label(key=taker, field=str(shown["wanted"]))
    if "taker" in shown:
        shown["taker"] = get_taker_label(key=str(shown["taker"]))
    if isinstance(shown.get("options"), list):
        shown["options"] = _options(shown["options"], taker, field)
    return shown


def _options(options: list[str], taker: str, field: str) -> str:
    """Return a list of takers, fields or choices in words."""
    from parkbrain.kernel.taking import takers

    declared = takers.get(taker)
    if declared is None:
        names = [get_taker_label(key=o) for o in options]
    else:
        fields = {c.field: c for c in declared.columns}
        if all(o in fields for o in options):
            names = [str(fields[o].label) for o in options]
        else:
            labels = get_choices(column=fields[field]) if field in fields else {}
            names = [labels.get(o, o) for o in options]
    return _(", ").join(names)


def find_problem(*, stored: Mapping[str, Any]) -> Problem:
    """Return a problem from its stored plain values."""
    return Problem(**stored)
