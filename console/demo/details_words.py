"""The invented checks, tasks, programs, updates and commands of the demo's agents."""

from dataclasses import dataclass

_WINDOWS = ("windows",)
_OTHERS = ("linux", "darwin")
_ALL = (*_WINDOWS, *_OTHERS)


@dataclass(frozen=True)
class CheckWords:
    kind: str
    text: str
    plats: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]


@dataclass(frozen=True)
class TaskWords:
    name: str
    script: str
    schedule: str
    plats: tuple[str, ...]
    good: str
    bad: str


@dataclass(frozen=True)
class PatchWords:
    kb: str
    title: str
    severity: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class RunWords:
    """`windows` is None for what runs anywhere."""

    command: str
    script: str
    output: str
    windows: bool | None = None
    code: int = 0


CHECKS = (
    CheckWords(
        "diskspace",
        "Disk Space Check: Drive C: -  Warning Threshold: 25% Error Threshold: 10%",
        _WINDOWS,
        ("Total: 237.5 GB, Free: 183.1 GB", "Total: 476.9 GB, Free: 210.4 GB"),
        ("Total: 237.5 GB, Free: 9.1 GB", "Total: 111.2 GB, Free: 6.7 GB"),
    ),
    CheckWords(
        "winsvc", "Service Check: Print Spooler", _WINDOWS, ("Status RUNNING",), ("Status STOPPED", "Status PAUSED")
    ),
    CheckWords(
        "ping",
        "Ping Check: Gateway",
        _ALL,
        ("Reply from 10.10.1.1: bytes=32 time=1ms TTL=64\nPackets: Sent = 3, Received = 3, Lost = 0 (0% loss)",),
        ("Request timed out.\nRequest timed out.\nRequest timed out.\nPackets: Sent = 3, Received = 0, Lost = 3",),
    ),
    CheckWords(
        "cpuload",
        "CPU Load Check -  Warning Threshold: 80% Error Threshold: 95%",
        _ALL,
        ("Average load: 12%", "Average load: 31%"),
        ("Average load: 97%", "Average load: 88%"),
    ),
    CheckWords(
        "memory",
        "Memory Check -  Warning Threshold: 85% Error Threshold: 95%",
        _ALL,
        ("Average memory usage: 44%",),
        ("Average memory usage: 96%",),
    ),
    CheckWords(
        "script",
        "Script Check: Backup is younger than a day",
        _ALL,
        ("Newest backup: 04:12 today, 41.7 GB. Good.",),
        (
            "Newest backup: 9 days old.\n"
            "Looked in: \\\\nas01\\backup\\daily\n"
            "  2026-11-14  full   41.3 GB  verified\n"
            "  2026-11-13  diff    2.1 GB  verified\n"
            "ERROR: the target says “disk quota exceeded”.",
        ),
    ),
    CheckWords(
        "eventlog",
        "Event Log Check: Disk errors in System",
        _WINDOWS,
        ("No events were found.",),
        ("3 events: The device \\Device\\Harddisk0\\DR0 has a bad block.",),
    ),
    CheckWords(
        "script",
        "Script Check: Certificate of the web site",
        ("linux",),
        ("Valid for 61 more days.",),
        ("CRITICAL: expires in 3 days.\nsubject=CN = shop.example\nnotAfter=Nov 27 09:00:00 2026 GMT",),
    ),
)

TASKS = (
    TaskWords(
        "Collect uptime daily",
        "Collect uptime",
        "Daily at 02:26AM",
        _ALL,
        "uptime: 12 days",
        "Get-Uptime : The term is not recognized\nAt line:1 char:1",
    ),
    TaskWords(
        "Clear temporary files",
        "Clear temp",
        "Weekly at 03:00AM on Sunday",
        _WINDOWS,
        "Removed 412 files, 1.8 GB.\nKept 3 files that are in use.",
        "Access to the path is denied.",
    ),
    TaskWords(
        "Rotate logs",
        "logrotate",
        "Daily at 04:10AM",
        ("linux",),
        "rotating pattern: /var/log/nginx/*.log\n5 logs rotated",
        "error: stat of /var/log/x failed",
    ),
    TaskWords(
        "Check for updates", "softwareupdate", "Daily at 12:00PM", ("darwin",), "No new software available.", "timeout"
    ),
)

PATCHES = (
    PatchWords(
        "KB5046633",
        "2026-11 Cumulative Update for Windows 11 Version 23H2 for x64-based Systems (KB5046633)",
        "Critical",
        ("Security Updates",),
    ),
    PatchWords(
        "KB5045935",
        "2026-11 Cumulative Update for .NET Framework 3.5 and 4.8.1 for Windows 11 (KB5045935)",
        "Important",
        ("Security Updates",),
    ),
    PatchWords("KB890830", "Windows Malicious Software Removal Tool x64 - v5.130", "", ("Update Rollups",)),
    PatchWords(
        "KB2267602",
        "Security Intelligence Update for Microsoft Defender Antivirus (Version 1.421.112.0)",
        "",
        ("Definition Updates",),
    ),
    PatchWords("KB5044285", "2026-10 Cumulative Update for Windows 11 Version 23H2", "Critical", ("Security Updates",)),
    PatchWords("KB5043080", "2026-09 Servicing Stack Update for Windows 11", "Moderate", ("Updates",)),
    PatchWords("KB5011048", "Feature Update via Enablement Package", "Low", ("Feature Packs",)),
)

RUNS = (
    RunWords(
        "ipconfig /all",
        "",
        "\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : HOST\n"
        "   Primary Dns Suffix  . . . . . . . : ad.example\n   Node Type . . . . . . . . . . . . : Hybrid\n\n"
        "Ethernet adapter Ethernet:\n\n   Physical Address. . . . . . . . . : 00-15-5D-01-0A-2B\n"
        "   DHCP Enabled. . . . . . . . . . . : Yes\n   Default Gateway . . . . . . . . . : 10.10.1.1\n",
        True,
    ),
    RunWords("sfc /scannow", "", "Windows Resource Protection did not find any integrity violations.\n", True),
    RunWords(
        "quser",
        "",
        " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME\n"
        ">reception             console             1  Active      none   11/23/2026 8:02 AM\n",
        True,
    ),
    RunWords(
        "df -h",
        "",
        "Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1        79G   16G   61G  20% /\n"
        "tmpfs           3.9G     0  3.9G   0% /dev/shm\n",
        False,
    ),
    RunWords("systemctl --failed", "", "  UNIT LOAD ACTIVE SUB DESCRIPTION\n0 loaded units listed.\n", False),
    RunWords("", "Collect uptime", "HOST has been up for 12 days, 4 hours"),
    RunWords(
        "",
        "Restart the print spooler",
        "Stopping Print Spooler... stopped\nDeleting 3 jobs... done\nStarting Print Spooler... failed\n"
        "The dependency service failed to start.",
        True,
        1068,
    ),
)

NOTES = (
    "The user is out on Fridays.\nPrinter on USB port 3.",
    "RAM was doubled in March. Invoice 2026-0311.",
    "Do not install updates during month-end closing; ask Ms Okafor first.",
    "Left screen flickers: replace the cable before anything else.",
    "BitLocker key is with the client, not with us.",
)
SUFFIXES = ("", " (x64)", " (x86)", " – Language Pack", " Runtime", " Tools")
PROGRAMS = (
    ("7-Zip 24.08", "Igor Pavlov"),
    ("Adobe Acrobat Reader", "Adobe"),
    ("AnyBurn", "Power Software Ltd"),
    ("Audacity 3.6", "Audacity Team"),
    ("CAD Viewer Pro", "Larkspur Software"),
    ("DATEV Arbeitsplatz", "DATEV eG"),
    ("Dell Command | Update", "Dell Inc."),
    ("Everything 1.4", "voidtools"),
    ("FileZilla 3.67", "Tim Kosse"),
    ("Foxit PDF Reader", "Foxit Software Inc."),
    ("GIMP 2.10", "The GIMP Team"),
    ("Git", "The Git Development Community"),
    ("Google Chrome", "Google LLC"),
    ("Greenshot", "Greenshot"),
    ("HP Universal Print Driver", "HP Inc."),
    ("Inkscape", "Inkscape"),
    ("Intel(R) Management Engine Components", "Intel Corporation"),
    ("IrfanView", "Irfan Skiljan"),
    ("Java 8 Update 421", "Oracle Corporation"),
    ("KeePassXC", "KeePassXC Team"),
    ("Lenovo System Update", "Lenovo"),
    ("LibreOffice 24.8", "The Document Foundation"),
    ("Mesh Agent", "MeshCentral"),
    ("Microsoft 365 Apps for business", "Microsoft Corporation"),
    ("Microsoft Edge", "Microsoft Corporation"),
    ("Microsoft OneDrive", "Microsoft Corporation"),
    ("Microsoft SQL Server 2019", "Microsoft Corporation"),
    ("Microsoft Teams", "Microsoft Corporation"),
    ("Microsoft Visual C++ 2015-2022 Redistributable", "Microsoft Corporation"),
    ("Mozilla Firefox", "Mozilla"),
    ("Mozilla Thunderbird", "Mozilla"),
    ("Nextcloud", "Nextcloud GmbH"),
    ("Node.js", "Node.js Foundation"),
    ("Notepad++", "Notepad++ Team"),
    ("NVIDIA Graphics Driver", "NVIDIA Corporation"),
    ("OpenVPN 2.6", "OpenVPN, Inc."),
    ("Paint.NET", "dotPDN LLC"),
    ("PDF24 Creator", "PDF24.org"),
    ("PuTTY release 0.81", "Simon Tatham"),
    ("Python 3.12", "Python Software Foundation"),
    ("Realtek Audio Driver", "Realtek Semiconductor Corp."),
    ("Rossmann Kasse 11 – Filialserver", "Rossmann & Cie."),
    ("SAP GUI for Windows 8.00", "SAP SE"),
    ("Sumatra PDF", "Krzysztof Kowalczyk"),
    ("Sysinternals Suite", "Microsoft Corporation"),
    ("Tactical RMM Agent", "AmidaWare Inc"),
    ("TreeSize Free", "JAM Software"),
    ("VLC media player", "VideoLAN"),
    ("VMware Tools", "VMware, Inc."),
    ("WinSCP 6.3", "Martin Prikryl"),
    ("Wireshark 4.4", "The Wireshark developer community"),
    ("Zoom Workplace", "Zoom"),
    ("倉庫管理クライアント", "東京精密工業"),
    ("1С:Предприятие 8", "1С"),
    ("مدير المخزون", "النور"),
)
