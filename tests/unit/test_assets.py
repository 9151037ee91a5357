from pathlib import Path

import pytest

from console import assets
from console.assets import APP_ID, AssetMissing


def test_a_file_of_the_source_tree_is_found() -> None:
    found = assets.path(f"{APP_ID}.svg")
    assert found == Path(__file__).resolve().parents[2] / "resources" / f"{APP_ID}.svg"
    assert "<svg" in assets.text(f"{APP_ID}.svg")


def test_a_folder_is_found() -> None:
    assert assets.path(".").is_dir()


def test_what_lies_in_the_package_comes_before_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("inside", "beside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "name.txt").write_text(f"{folder} é", encoding="utf-8")
    monkeypatch.setattr(assets, "_ROOTS", (tmp_path / "inside", tmp_path / "beside"))
    assert assets.text("name.txt") == "inside é"
    (tmp_path / "inside" / "name.txt").unlink()
    assert assets.text("name.txt") == "beside é"


def test_a_missing_file_is_named_with_the_places_that_were_looked_at() -> None:
    with pytest.raises(AssetMissing) as caught:
        assets.path("no/such/icon.svg")
    assert "no/such/icon.svg" in caught.value.what
    assert "resources" in caught.value.detail
