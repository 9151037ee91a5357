"""The invented clients, sites, people and machines that the demo's fleet is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """An invented client: its sites, how its host names begin, the people who work there, its public addresses."""

    name: str
    prefix: str
    sites: tuple[str, ...]
    people: tuple[str, ...]
    network: str


@dataclass(frozen=True)
class Kind:
    """A kind of machine: what its inventory says. `weight` is its share of the fleet in per cent."""

    weight: int
    plat: str
    monitoring_type: str
    role: str
    goarch: str
    systems: tuple[str, ...]
    models: tuple[str, ...]
    processors: tuple[str, ...]
    graphics: tuple[str, ...]
    disks: tuple[str, ...]


CLIENTS = (
    Client(
        "Nordwind Logistik GmbH",
        "NWL",
        ("Hamburg Hafen", "Bremerhaven", "Lübeck Lager 3", "Büro Köln"),
        ("j.schröder", "m.yılmaz", "s.weiß", "disposition"),
        "198.51.100.",
    ),
    Client(
        "Bäckerei Müller & Söhne",
        "BMS",
        ("Backstube", "Filiale Königstraße", "Filiale Süd"),
        ("kasse1", "kasse2", "h.müller", "Größl.Anna"),
        "203.0.113.",
    ),
    Client(
        "Harbour Lane Dental", "HLD", ("Leeds", "York", "Surgery 3"), ("reception", "dr.okafor", "e.walsh"), "192.0.2."
    ),
    Client(
        "東京精密工業株式会社",
        "TSK",
        ("本社", "大阪工場", "名古屋営業所"),
        ("田中 太郎", "sato.hanako", "鈴木一郎"),
        "198.51.100.",
    ),
    Client(
        "ООО «Северный ветер»",
        "SVT",
        ("Санкт-Петербург", "Мурманск"),
        ("Иван Петров", "бухгалтер", "olga.s"),
        "203.0.113.",
    ),
    Client("شركة النور للتجارة", "NUR", ("الرياض", "جدة"), ("أحمد", "محاسبة", "layla.h"), "192.0.2."),
    Client(
        "Clínica São Lucas",
        "CSL",
        ("Lisboa", "Porto", "Farmácia"),
        ("joão.gonçalves", "recepção", "ines"),
        "203.0.113.",
    ),
    Client(
        "Kancelaria Łukasiewicz i Wspólnicy",
        "KLW",
        ("Kraków", "Gdańsk"),
        ("a.łukasiewicz", "sekretariat", "p.wójcik"),
        "198.51.100.",
    ),
    Client(
        "Smith, Peterson, Van der Merwe & Associates Chartered Accountants (Pty) Ltd",
        "SPM",
        ("Johannesburg Head Office – Building C, 4th floor (north wing)", "Cape Town"),
        ("thandiwe.vandermerwe-peterson", "audit.pool.workstation.user", "j.smith"),
        "192.0.2.",
    ),
    Client(
        "City of Larkspur",
        "LRK",
        ("Town Hall", "Library", "Public Works", "Fire Station 2"),
        ("clerk", "frontdesk", "m.alvarez", "dispatch"),
        "198.51.100.",
    ),
    Client(
        "Brightwater School District",
        "BWS",
        ("Elementary", "Middle School", "High School", "Admin Office"),
        ("student", "teacher", "k.nguyen", "lab"),
        "203.0.113.",
    ),
    Client(
        "Grünwald Maschinenbau AG",
        "GMB",
        ("Werk 1", "Werk 2", "Konstruktion"),
        ("cad01", "f.jäger", "schichtleitung"),
        "192.0.2.",
    ),
    Client("Cafétéria Étoile", "CET", ("Paris 11e", "Lyon Part-Dieu"), ("caisse", "amélie", "gérant"), "198.51.100."),
    Client(
        "Kestrel Analytics",
        "KST",
        ("Cloud", "London", "Remote workers"),
        ("deploy", "priya", "tom.b", "root"),
        "203.0.113.",
    ),
)

KINDS = (
    Kind(
        60,
        "windows",
        "workstation",
        "PC",
        "amd64",
        (
            "Windows 11 Pro, 64 bit v23H2 (build 22631.3737)",
            "Windows 11 Enterprise, 64 bit v24H2 (build 26100.2314)",
            "Windows 10 Pro, 64 bit v22H2 (build 19045.4529)",
        ),
        ("Dell Inc. OptiPlex 7090", "LENOVO ThinkPad T14s Gen 2", "HP EliteBook 840 G8", "Intel Corporation NUC7i3"),
        (
            "11th Gen Intel(R) Core(TM) i5-11500, 6C/12T",
            "11th Gen Intel(R) Core(TM) i7-1165G7, 4C/8T",
            "AMD Ryzen 5 PRO 5650U with Radeon Graphics, 6C/12T",
        ),
        ("Intel(R) UHD Graphics 750", "Intel(R) Iris(R) Xe Graphics", "AMD Radeon(TM) Graphics"),
        ("NVMe PC SN730 256GB 238GB SCSI", "SAMSUNG MZVLB512 476GB SCSI", "KINGSTON A400 111GB SCSI"),
    ),
    Kind(
        15,
        "windows",
        "server",
        "SRV",
        "amd64",
        (
            "Windows Server 2022 Standard, 64 bit v21H2 (build 20348.2527)",
            "Windows Server 2019 Standard, 64 bit v1809 (build 17763.5936)",
            "Windows Server 2012 R2 Standard, 64 bit (build 9600)",
        ),
        ("Dell Inc. PowerEdge R450", "HP ProLiant DL360 G7", "VMware, Inc. VMware7,1"),
        ("Intel(R) Xeon(R) Silver 4310, 12C/24T", "Intel(R) Xeon(R) CPU E5645, 6C/12T"),
        ("Matrox G200eW3", "ATI ES1000", "No graphics cards"),
        ("DELL PERC H755 894GB SCSI", "HP LOGICAL VOLUME 558GB SCSI", "VMware Virtual disk 200GB SCSI"),
    ),
    Kind(
        10,
        "linux",
        "server",
        "web",
        "amd64",
        ("Debian 12.5 x86_64 6.1.0-21-amd64", "Ubuntu 24.04 x86_64 6.8.0-31-generic", "Rocky 9.4 x86_64 5.14.0-427"),
        ("QEMU Standard PC", "Dell Inc. PowerEdge R350"),
        ("AMD EPYC 7302 16-Core Processor", "Intel(R) Xeon(R) E-2334 CPU @ 3.40GHz"),
        ("No graphics cards",),
        ("virtio HDD vda 80.0 GB", "SAMSUNG SSD sda 447.1 GB"),
    ),
    Kind(
        10,
        "darwin",
        "workstation",
        "mac",
        "arm64",
        ("Darwin 14.5 arm64 23.5.0", "Darwin 15.1 arm64 24.1.0"),
        ("MacBookPro18,3", "Mac14,2", "Macmini9,1"),
        ("Apple M1 Pro", "Apple M2"),
        ("Apple M1 Pro", "Apple M2"),
        ("APPLE SSD AP0512R disk0 465.9 GB", "APPLE SSD AP0256Z disk0 233.8 GB"),
    ),
    Kind(
        5,
        "linux",
        "workstation",
        "pi",
        "arm",
        ("Raspbian 11.8 armv7l 6.1.21-v7+", "Debian 12.5 aarch64 6.6.31+rpt-rpi-v8"),
        ("Raspberry Pi 3 Model B Rev 1.2", "unknown make/model"),
        ("ARMv7 Processor rev 4 (v7l)", "unknown cpu model"),
        ("No graphics cards", "Error getting graphics cards"),
        ("MMC SSD mmcblk0 29.7 GB", "unknown disk"),
    ),
)

DESCRIPTIONS = (
    "",
    "",
    "Reception",
    "Primary domain controller",
    "web shop",
    "legacy ERP, do not restart before 18:00",
    "Empfang, gehört zum Drucker im Flur",
    "Sensor gateway ünï 测试",
    "倉庫の端末",
    "Spare, in the cupboard",
    "Касса №2",
    "Label printer attached; the user calls about paper jams often, it is the left one of the trays that sticks",
)
