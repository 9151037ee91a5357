from console.mesh.command import PressKeys, Refresh, SetPicture, SetScale, SetViewOnly
from console.mesh.report import FEATURES
from console.sessions.kept_settings import KeptSettings

ABLE = dict.fromkeys(FEATURES, "")


def test_a_new_page_is_told_the_latest_of_each_kind_view_only_first() -> None:
    kept = KeptSettings()
    for command in (SetPicture(90, 100, 50), SetScale(fit=False), SetViewOnly(on=True), SetPicture(20, 100, 400)):
        kept.note(command)
    kept.page_is_new()
    assert kept.due(ABLE) == [SetViewOnly(on=True), SetPicture(20, 100, 400), SetScale(fit=False)]
    assert kept.due(ABLE) == []


def test_the_page_that_was_told_is_not_told_again() -> None:
    kept = KeptSettings()
    kept.note(SetViewOnly(on=True))
    assert kept.due(ABLE) == []


def test_what_does_not_last_is_not_kept() -> None:
    kept = KeptSettings()
    kept.note(PressKeys(("win",)))
    kept.note(Refresh())
    kept.page_is_new()
    assert kept.due(ABLE) == []


def test_it_waits_until_the_page_can() -> None:
    kept = KeptSettings()
    kept.note(SetViewOnly(on=True))
    kept.page_is_new()
    assert kept.due({"view-only": "The session is not connected."}) == []
    assert kept.due({}) == []
    assert kept.due(ABLE) == [SetViewOnly(on=True)]
