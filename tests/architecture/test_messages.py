"""Every text a person reads exists in the three languages."""

from __future__ import annotations

from parkbrain.config import messages


def test_every_text_in_code_and_templates_is_in_the_catalogue() -> None:
    assert messages.missing_messages() == []


def test_every_message_has_a_simplified_chinese_text_that_is_not_fuzzy() -> None:
    assert messages.untranslated() == []


def test_translations_keep_their_placeholders() -> None:
    assert messages.placeholder_mistakes() == []


def test_traditional_chinese_is_derived_whole() -> None:
    derived = messages.derive_traditional()
    assert [e.msgid for e in derived if not e.translated()] == []
    assert "园区" not in "".join(e.msgstr for e in derived)
