"""The files that desktops and software centres read, judged by their own validators."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from configparser import RawConfigParser
from pathlib import Path

import pytest

from console import __version__
from console.assets import APP_ID

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ENTRY = RESOURCES / f"{APP_ID}.desktop"
METAINFO = RESOURCES / f"{APP_ID}.metainfo.xml"


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-validate is not installed")
def test_the_desktop_entry_is_valid() -> None:
    done = subprocess.run(["desktop-file-validate", ENTRY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="appstreamcli is not installed")
def test_the_appstream_data_are_valid() -> None:
    command = ["appstreamcli", "validate", "--no-net", str(METAINFO)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "Validation" in said
    # The project has no home page yet, which newer validators warn of.
    assert [line for line in re.findall("^[EW]: .*", said, re.MULTILINE) if "url-homepage-missing" not in line] == []


def test_all_three_go_by_one_name() -> None:
    entry = RawConfigParser()
    entry.read(ENTRY, encoding="utf-8")
    component = ET.parse(METAINFO).getroot()
    assert component.findtext("id") == APP_ID
    assert component.findtext("launchable") == ENTRY.name
    assert component.findtext("icon") == entry["Desktop Entry"]["Icon"] == APP_ID
    assert (RESOURCES / f"{APP_ID}.svg").is_file()
    assert component.findtext("provides/binary") == entry["Desktop Entry"]["Exec"] == "technician-console"


def test_the_newest_release_is_this_version() -> None:
    release = ET.parse(METAINFO).find("releases/release")
    assert release is not None
    assert release.get("version") == __version__
