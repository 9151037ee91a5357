from pathlib import Path

from console import assets
from console.mesh.web.bridge import PARTS


def test_every_script_of_the_page_is_used() -> None:
    files = {file.stem for file in Path(assets.path("page")).glob("*.js")}
    assert files == {*PARTS, "bridge", "stand_ins", "policy", "no_rtc"}
    assert len(PARTS) == len(set(PARTS))


def test_the_parts_begin_with_what_all_need_and_end_with_the_start() -> None:
    assert PARTS[0] == "base"
    assert PARTS[-1] == "start"
    assert PARTS.index("desktop") < PARTS.index("facts")
