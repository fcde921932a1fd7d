"""The message catalogues: collect the English texts of code and templates, derive Traditional Chinese, compile.

English stands in the code, Simplified Chinese is written by hand, Traditional Chinese is derived from it by OpenCC and a
small file of corrections. Needs no GNU gettext. Run as `python -m parkbrain.config.messages collect|compile|check`.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polib
import yaml

PACKAGE_DIR = Path(__file__).resolve().parent.parent
LOCALE_DIR = PACKAGE_DIR / "locale"
HANS = LOCALE_DIR / "zh_Hans" / "LC_MESSAGES" / "django.po"
HANT = LOCALE_DIR / "zh_Hant" / "LC_MESSAGES" / "django.po"
CORRECTIONS = LOCALE_DIR / "zh_Hant.corrections.yaml"
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Key = tuple[str, str, str]  # context, message, plural


def _from_python(source: bytes) -> Iterator[tuple[int, Key]]:
    from babel.messages.extract import extract

    for line, message, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        parts = (message, "") if isinstance(message, str) else (message[0], message[1])
        if parts[0]:
            yield line, (context or "", str(parts[0]), str(parts[1] or ""))


def _from_template(path: Path) -> Iterator[tuple[int, Key]]:
    from django.utils.translation.template import templatize

    code = templatize(path.read_text(encoding="utf-8"), origin=path.name)
    # What is no text was blanked out with its line breaks kept; without indentation it tokenizes as Python.
    plain = "\n".join(line.strip() for line in code.splitlines())
    yield from _from_python(plain.encode())


def extract_messages() -> dict[Key, list[str]]:
    """Return every text of the package with the places it stands in."""
    found: dict[Key, list[str]] = {}
    for path in sorted(PACKAGE_DIR.rglob("*")):
        if "migrations" in path.parts or "static" in path.parts:
            continue
        if path.suffix == ".py":
            hits = _from_python(path.read_bytes())
        elif path.suffix in {".html", ".txt", ".typ"} and "templates" in path.parts:
            hits = _from_template(path)
        else:
            continue
        for _line, key in hits:
            place = path.relative_to(PACKAGE_DIR.parent).as_posix()
            if place not in (places := found.setdefault(key, [])):
                places.append(place)
    for message in _click_messages():
        found.setdefault(("", message, ""), []).append("click")
    return found


def _click_messages() -> list[str]:
    """Return the few sentences of click's own that a person of our command line meets."""
    return [
        "Usage:",
        "Options",
        "Commands",
        "Show this message and exit.",
        "Error: {message}",
        "Try '{command} {option}' for help.",
        "Missing argument",
        "Missing option",
        "No such command {name!r}.",
        "default: {default}",
        "Aborted!",
    ]


def _key(entry: polib.POEntry) -> Key:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def _new_file(language: str) -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def collect() -> tuple[int, int]:
    """Bring the Simplified Chinese catalogue up to date and return how many texts it has and how many lack a translation."""
    found = extract_messages()
    old = {_key(e): e for e in polib.pofile(str(HANS))} if HANS.exists() else {}
    catalogue = _new_file("zh_Hans")
    for key, places in sorted(found.items(), key=lambda item: (item[1][0], item[0][1])):
        context, message, plural = key
        before = old.get(key)
        entry = polib.POEntry(
            msgctxt=context or None,
            msgid=message,
            msgid_plural=plural,
            msgstr=before.msgstr if before and not plural else "",
            occurrences=[(place, "") for place in places],
        )
        if plural:
            entry.msgstr_plural = before.msgstr_plural if before else {0: ""}
        if re.search(r"%\(|%[sd]", message):
            entry.flags.append("python-format")
        catalogue.append(entry)
    HANS.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(HANS))
    return len(catalogue), len(untranslated())


def untranslated() -> list[str]:
    """Return the messages without a Simplified Chinese text, or with a fuzzy one."""
    return [e.msgid for e in polib.pofile(str(HANS)) if not e.translated() or e.fuzzy]


def missing_messages() -> list[str]:
    """Return the texts that code or templates use and the catalogue does not know."""
    known = {_key(e) for e in polib.pofile(str(HANS))}
    return sorted(key[1] for key in extract_messages() if key not in known)


def placeholder_mistakes() -> list[str]:
    """Return the messages whose translation names other placeholders than the English text."""
    pattern = re.compile(r"%\(\w+\)(?:\.\d+)?[sdf]|%[sd]|\{\w*[^}]*\}")
    wrong = []
    for entry in polib.pofile(str(HANS)):
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        wanted = set(pattern.findall(entry.msgid_plural or entry.msgid))
        if any(text and set(pattern.findall(text)) != wanted for text in texts):
            wrong.append(entry.msgid)
    return wrong


def derive_traditional() -> polib.POFile:
    """Return the Traditional Chinese catalogue: OpenCC, then the corrections."""
    import opencc

    converter = opencc.OpenCC("s2hk")
    corrections = yaml.safe_load(CORRECTIONS.read_text(encoding="utf-8"))
    words, whole = corrections["words"] or {}, corrections["messages"] or {}

    def convert(text: str, message: str) -> str:
        if message in whole:
            return str(whole[message])
        text = converter.convert(text)
        for wrong, right in words.items():
            text = text.replace(wrong, right)
        return text

    catalogue = _new_file("zh_Hant")
    for entry in polib.pofile(str(HANS)):
        entry.msgstr = convert(entry.msgstr, entry.msgid)
        entry.msgstr_plural = {k: convert(v, entry.msgid) for k, v in entry.msgstr_plural.items()}
        catalogue.append(entry)
    return catalogue


def compile_all() -> None:
    """Write the compiled catalogues that run-time reads."""
    polib.pofile(str(HANS)).save_as_mofile(str(HANS.with_suffix(".mo")))
    HANT.parent.mkdir(parents=True, exist_ok=True)
    traditional = derive_traditional()
    traditional.metadata["PO-Revision-Date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M+0000")
    traditional.save(str(HANT))
    traditional.save_as_mofile(str(HANT.with_suffix(".mo")))


def main() -> None:
    """Run one of the verbs."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb == "collect":
        total, missing = collect()
        sys.stdout.write(f"{total} messages, {missing} without translation\n")
    elif verb == "compile":
        compile_all()
    elif verb == "check":
        problems = missing_messages() + untranslated() + placeholder_mistakes()
        sys.stdout.write("\n".join(problems) + ("\n" if problems else ""))
        sys.exit(1 if problems else 0)
    else:
        sys.exit("usage: python -m parkbrain.config.messages collect|compile|check")


if __name__ == "__main__":
    main()
