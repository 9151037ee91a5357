import pytest

from console.sessions.doctor.versions import expected_mesh, numbers


@pytest.mark.parametrize(
    ("rmm", "mesh"),
    [
        ("1.5.1", "1.2.0"),
        ("1.5.0", "1.2.0"),
        ("1.4.0", "1.1.32"),
        ("0.19.4", "1.1.32"),
        ("0.19.3", "1.1.21"),
        ("0.17.5", "1.1.20"),
        ("0.16.3", "1.1.9"),
        ("0.12.2", ""),
        ("1.5.1-dev", "1.2.0"),
        ("9.0.0", ""),
        ("error", ""),
        ("", ""),
    ],
)
def test_which_meshcentral_an_rmm_comes_with(rmm: str, mesh: str) -> None:
    assert expected_mesh(rmm) == mesh


def test_versions_are_compared_by_their_numbers() -> None:
    assert numbers("1.1.9") < numbers("1.1.32")
