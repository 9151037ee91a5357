"""The command line. Nothing heavy is imported before it is needed."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from console import __version__, environment
from console.problem import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the console; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except Problem as problem:
        print(problem.report(), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("technician-console", description="A desktop console for Tactical RMM.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--debug", action="store_true", help="write a detailed log (without secrets)")
    parser.add_argument(
        "--search", default="", metavar="QUERY", help='open with this search, such as --search="client:acme is:offline"'
    )
    parser.add_argument("--demo", action="store_true", help="an invented fleet and a live machine: this computer")
    parser.add_argument("--tour", type=Path, metavar="FOLDER", help="with --demo: take screenshots into FOLDER and end")
    parser.add_argument("--add-to-menu", action="store_true", help="add a launcher to this desktop's menu, and end")
    parser.add_argument("--remove-from-menu", action="store_true", help="take the launcher away, and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    key = commands.add_parser(
        "mesh-key",
        help="keep MeshCentral's login key for emergencies",
        description="Puts MeshCentral's login key into this user's keyring: sessions then open while the RMM is down. "
        "The key is read from the terminal.",
    )
    key.add_argument("--server", required=True, metavar="NAME", help="a server of the console: its name or address")
    key.add_argument("--remove", action="store_true", help="take the key out of the keyring")
    doctor = commands.add_parser(
        "doctor",
        help="find out why it does not connect",
        description="Looks at this computer, the RMM and MeshCentral, says what is wrong and what to do. "
        "Ends with 0 when all is fine, 1 with warnings, 2 with failures.",
    )
    doctor.add_argument("--server", default="", metavar="NAME", help="a server of the console: its name or address")
    doctor.add_argument(
        "--session",
        default="",
        metavar="HOSTNAME",
        help="ask the RMM for a session link of this agent as well, which it writes into its audit log",
    )
    doctor.add_argument("--mesh", default="", metavar="ADDRESS", help="where MeshCentral is, if nothing else tells")
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument("--web-engine", action="store_true", help=argparse.SUPPRESS)  # its own second process
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.add_to_menu or options.remove_from_menu:
        from console import menu_entry

        if options.add_to_menu:
            print(f"Added {menu_entry.add()}")
        else:
            menu_entry.remove()
        return 0
    if options.command == "doctor":
        return _doctor(options)
    environment.refuse_root(os.environ)
    dropped = tuple(environment.drop_dangerous(os.environ))
    for name in dropped:
        print(f"{name} would weaken the sessions' security and is ignored.", file=sys.stderr)
    if options.command == "mesh-key":
        return _mesh_key(options)
    if not options.debug:
        environment.quiet(os.environ)
    if options.search:
        _explain(options.search)
    if options.demo:
        from console.demo.run import run

        return run(options.tour, debug=options.debug, search=options.search)
    import logging

    from console import memory
    from console.ui import quick_imports

    memory.begin_start()
    quick_imports.use()
    from console.early import Early, Options, application
    from console.ui.instance import Claim, Start, handed_over

    qt, started = (
        application(),
        Options(log_level=logging.DEBUG if options.debug else logging.INFO, search=options.search, dropped=dropped),
    )
    claim = Claim(started.places.config)
    if handed_over(started.places.config, Start(search=options.search), claim):
        print("Technician Console is running already: its window was brought to the front.")
        return 0
    early = Early(started)
    from console.app import App  # the threads of `early` are at work meanwhile

    code = App(qt, started, early).run()
    claim.give_back()
    return code


def _explain(search: str) -> None:
    """Says what of a query is not understood: the window says it too, but it may come up behind this terminal."""
    from console.fleet.query.parser import parse

    for note in parse(search).notes:
        print(f"--search: {note.whole_message}", file=sys.stderr)


def _mesh_key(options: argparse.Namespace) -> int:
    import platformdirs

    from console.servers import ServerBook
    from console.sessions import mesh_key_command
    from console.vault.store import open_vault

    book = ServerBook(platformdirs.user_config_path("technician-console") / "servers.json")
    if book.trouble:
        raise book.trouble
    return mesh_key_command.run(book, options.server, open_vault, remove=options.remove)


def _doctor(options: argparse.Namespace) -> int:
    """Also as root, where the console itself does not run: that it does not is one of the lines."""
    dropped = environment.drop_dangerous(os.environ)
    if options.web_engine:
        from console.mesh.web.examine import main as examine

        return examine()
    import platformdirs

    from console.preferences import PreferenceFile
    from console.servers import ServerBook
    from console.sessions.doctor import command
    from console.sessions.doctor.case import Folders
    from console.vault.store import open_vault

    name = "technician-console"
    config = platformdirs.user_config_path(name)
    return command.run(
        lambda: ServerBook(config / "servers.json"),
        options.server,
        PreferenceFile(config / "preferences.json").load().last_server,
        Folders(config, platformdirs.user_data_path(name), platformdirs.user_log_path(name)),
        open_vault,
        tuple(dropped),
        hostname=options.session,
        mesh=options.mesh,
        as_json=options.json,
    )
