"""Which checks there are, and what each of them needs."""

from functools import partial

from console.sessions.doctor import computer, mesh, options, proxies, rmm, stores
from console.sessions.doctor.case import Case, Question
from console.sessions.doctor.engine import SECONDS
from console.sessions.doctor.examination import Check, Examination
from console.sessions.doctor.verdict import Outcome, Section
from console.transport import Transport

_ENGINE_SECONDS = SECONDS + 5
_LOCKED = "It may wait for you to unlock it. You can work for this run only meanwhile."
_OPTIONS = (
    ("userAllowedIP", options.user_allowed_ip),
    ("agentAllowedIP", options.agent_allowed_ip),
    ("allowLoginToken", options.allow_login_token),
    ("allowFraming", options.allow_framing),
    ("cookieIpCheck", options.cookie_ip_check),
    ("tlsOffload", options.tls_offload),
    ("maxInvalidLogin, maxInvalid2fa", options.max_invalid),
    ("allowHighQualityDesktop", options.high_quality),
    ("desktopMultiplex", options.desktop_multiplex),
)


def plan(question: Question) -> tuple[Examination, Case]:
    """The examination that answers a question, and where its checks keep what they learn."""
    server = question.server
    transport = Transport(
        server.pins if server else {}, question.proxies, known=server.known_certificates() if server else {}
    )
    case = Case(question, transport)
    checks = _of_computer(case)
    if server is not None:
        checks += [*_of_rmm(case), *_of_mesh(case), *_of_options(case)]
    return Examination(checks, case.clean), case


def _of_computer(case: Case) -> list[Check]:
    here, question = Section.COMPUTER, case.question
    return [
        Check("program", here, "Program", computer.program),
        Check("switches", here, "Environment", lambda: computer.switches(question.environment, question.dropped)),
        Check("folders", here, "Folders", lambda: stores.folders(question.folders)),
        Check("files", here, "Files", lambda: stores.data_files(question.folders)),
        Check("keyring", here, "Keyring", lambda: stores.keyring(question.open_vault), late=_LOCKED),
        Check("engine", here, "Web engine", partial(computer.engine, case), seconds=_ENGINE_SECONDS),
        Check("sandbox", here, "Sandbox", partial(computer.sandbox, case), needs=("engine",)),
        Check("graphics", here, "Graphics", partial(computer.graphics, case), needs=("engine",)),
    ]


def _of_rmm(case: Case) -> list[Check]:
    there = Section.RMM
    return [
        Check("rmm.reach", there, "Reachable", partial(rmm.reached, case)),
        Check("rmm.certificate", there, "Certificate", partial(rmm.certificate, case), needs=("rmm.reach",)),
        Check("rmm.answers", there, "Answers", partial(rmm.answers, case), needs=("rmm.certificate",)),
        Check("rmm.clock", there, "Clock", partial(rmm.clock, case), needs=("rmm.answers",)),
        Check("rmm.sign-in", there, "Sign-in", partial(rmm.sign_in, case), needs=("rmm.answers",), after=("keyring",)),
        Check("rmm.version", there, "Version", partial(rmm.version, case), needs=("rmm.sign-in",)),
        Check("rmm.role", there, "Role", partial(rmm.role, case), needs=("rmm.sign-in",), seconds=120.0),
        Check("rmm.link", there, "Session link", partial(rmm.session_link, case), after=("rmm.role",)),
    ]


def _of_mesh(case: Case) -> list[Check]:
    there = Section.MESH

    def check(key: str, title: str, look: "partial[Outcome]", *needs: str, after: tuple[str, ...] = ()) -> Check:
        return Check(f"mesh.{key}", there, title, look, tuple(f"mesh.{each}" for each in needs), after, seconds=70.0)

    return [
        check("address", "Address", partial(mesh.address, case), after=("rmm.link",)),
        Check("proxies", there, "Proxies", partial(_proxies, case), after=("mesh.address",)),
        check("reach", "Reachable", partial(mesh.reached, case), "address"),
        check("certificate", "Certificate", partial(mesh.certificate, case), "reach"),
        check("answers", "Answers", partial(mesh.answers, case), "certificate"),
        check("clock", "Clock", partial(mesh.clock, case), "answers", after=("rmm.answers",)),
        check("sockets", "Web sockets", partial(mesh.sockets, case), "answers"),
        check("page", "From the web engine", partial(mesh.page, case), "answers", after=("engine",)),
        check("login", "Sign-in", partial(mesh.login, case), "answers", after=("mesh.clock",)),
        check("account", "Account", partial(mesh.account, case), "login", "sockets"),
        check("version", "Version", partial(mesh.version, case), "account", after=("rmm.version",)),
        check("agents", "Agents", partial(mesh.agents, case), "account"),
    ]


def _of_options(case: Case) -> list[Check]:
    known = ("mesh.answers", "mesh.sockets", "mesh.account", "mesh.agents")
    return [
        Check(f"option.{name}", Section.OPTIONS, name, partial(look, case), needs=("mesh.address",), after=known)
        for name, look in _OPTIONS
    ]


def _proxies(case: Case) -> Outcome:
    urls = {"The RMM": case.server.address}
    if case.site is not None:
        urls["MeshCentral"] = case.site.url
    return proxies.look(urls, case.question.proxies, case.question.environment)
