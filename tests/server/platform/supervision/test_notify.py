"""Processes that say when they are ready."""

from quantloom_server.platform.supervision.notify import Ear, Notifier


def test_what_is_told_is_heard() -> None:
    ear = Ear()

    before = ear.has_heard()
    Notifier.of({"NOTIFY_SOCKET": ear.address}).tell("READY=1", "STATUS=well")
    after = ear.has_heard()
    ear.close()

    assert (before, after) == (False, True)


def test_other_facts_do_not_count() -> None:
    ear = Ear()

    Notifier(ear.address).tell("STATUS=not READY=1 yet")
    heard = ear.has_heard()
    ear.close()

    assert not heard


def test_nobody_who_listens_is_no_trouble() -> None:
    Notifier(None).tell("READY=1")
    Notifier("@quantloom-nobody-listens-here").tell("READY=1")
    assert not Notifier.of({})._address
