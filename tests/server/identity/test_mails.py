import string

import pytest

from quantloom_server.identity.mails import _SUBJECTS, _TEXTS, compose

FACTS = {
    "username": "ada",
    "address": "203.0.113.9",
    "url": "https://q.example",
    "link": "https://q.example/reset-password#token=t",
    "minutes": 15,
    "hours": 24,
}


@pytest.mark.parametrize("kind", sorted(_TEXTS))
@pytest.mark.parametrize("is_chinese", [False, True])
def test_every_mail_is_written_in_both_languages_with_the_same_facts(
    kind: str, is_chinese: bool
) -> None:
    mail = compose(kind, "ada@example.com", is_chinese=is_chinese, **FACTS)
    named = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in _TEXTS[kind]
    ]

    assert named[0] == named[1]
    assert "ada" in mail.text
    assert "{" not in mail.text + mail.subject
    assert mail.subject != f"Quantloom: {_SUBJECTS[kind][not is_chinese]}"


def test_a_mail_to_a_reader_of_an_unknown_language_is_in_both() -> None:
    mail = compose("factor_reset", "ada@example.com", is_chinese=None, **FACTS)

    assert mail.subject == "Quantloom: " + " / ".join(_SUBJECTS["factor_reset"])
    assert all(text.format_map(FACTS) in mail.text for text in _TEXTS["factor_reset"])
