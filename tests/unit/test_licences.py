from tests import licences


def test_the_list_of_licences_is_in_step_with_the_lock() -> None:
    assert licences.written() == licences.table()  # else: python -m tests.licences


def test_what_the_console_ships_may_be_shipped_with_a_program_of_any_licence() -> None:
    known = {
        "Apache-2.0", "Apache-2.0 OR BSD-3-Clause", "BSD-3-Clause", "LGPL-3.0-only", "MIT", "MIT-0",
        "MPL-2.0", "PSF-2.0",
    }  # fmt: skip
    shipped = [one for one in licences.locked() if one.shipped]
    assert len(shipped) > 15
    assert [one for one in shipped if one.licence not in known] == []
