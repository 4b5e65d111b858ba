"""`keeplit doctor`: every check in its order, each on its own; what breaks inside one is the fault of that one alone.

Law: nothing is changed. What needs the network is asked side by side, and what needs none waits for nothing of it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from keeplit.adapters import claude_code, login
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core import (
    doctor_aws,
    doctor_claude,
    doctor_config,
    doctor_keeper,
    doctor_machine,
    doctor_network,
    doctor_rivals,
    doctor_sign_in,
)
from keeplit.core.aws_cli import Found
from keeplit.core.check import Check, State
from keeplit.core.deeds import Action, Do, Outcome
from keeplit.core.doctor_marks import skipped
from keeplit.core.doctor_verdict import once
from keeplit.engine import doctor_advice, doctor_local, tray_check
from keeplit.engine import doctor_machine as of_machine
from keeplit.engine import doctor_network as of_network
from keeplit.engine.doctor_scene import Scene

log = logging.getLogger(__name__)

NOTICE = "keeplit can tell you things"
NO_HOME = "There is no home folder to look in."
Judges = Sequence[Callable[..., Check]]


def checks(
    place: Paths | NoHome,
    environ: Mapping[str, str],
    *,
    folder: Path | None = None,
    network: bool = True,
    cli: Future[Found] | None = None,
) -> tuple[Check, ...]:
    """Return every check in its order; without `network` those that ask AWS are skipped. It raises nothing.

    `cli` is the search for the AWS CLI where that has begun already: it is what takes longest of all that is local.
    """
    scene = Scene(place, environ, folder)
    if isinstance(place, NoHome):
        return (*judged(doctor_machine.CHECKS, lambda: of_machine.machine(scene)), *_without_home())
    found: list[Check] = []
    with ThreadPoolExecutor(5) as pool:
        cli = cli or pool.submit(login.find, environ, brief=True)
        claude = pool.submit(claude_code.find, environ)
        with suppress(Exception):  # whoever needs it says what is wrong
            scene.read()
        way = pool.submit(of_network.way, scene, asks=network)
        answers = pool.submit(lambda: of_network.answers(scene, way.result()))
        access = pool.submit(lambda: doctor_advice.model_access(scene, answers.result()))
        found += judged(doctor_machine.CHECKS, lambda: of_machine.machine(scene))
        found += judged(doctor_keeper.CHECKS, lambda: of_machine.keeper(scene))
        found += alone("tray", lambda: (tray_check.look(environ),))
        then = judged(doctor_sign_in.CHECKS, lambda: doctor_local.sign_ins(scene))
        then += judged(doctor_rivals.CHECKS, lambda: doctor_local.rivals(scene))
        then += judged(doctor_claude.CHECKS, lambda: doctor_local.claude(scene, claude.result()))
        then += alone("vscode", lambda: doctor_advice.vscode(scene))
        then += alone("old_advice", lambda: doctor_advice.advice(scene))
        found += [*judged(doctor_config.CHECKS, partial(_config, scene, cli)), *then]  # last: the CLI takes longest
        found += judged(doctor_network.CHECKS, way.result)
        found += alone("reach", lambda: doctor_network.reach(way.result()))
        found += alone("clock", lambda: (doctor_machine.clock(doctor_network.skew(way.result().reached)),))
        found += judged(doctor_aws.CHECKS, answers.result)
        found += alone("model_availability", access.result)
    return once(found)


def _config(scene: Scene, cli: Future[Found]) -> object:
    return doctor_local.config(scene, cli.result())


def _without_home() -> list[Check]:
    of_others = (doctor_keeper, doctor_config, doctor_sign_in, doctor_rivals, doctor_claude, doctor_network, doctor_aws)
    codes = [judge.__name__ for module in of_others for judge in module.CHECKS]
    return [skipped(code, NO_HOME) for code in (*codes, *doctor_network.CODES.values(), "clock", "tray")]


def judged(judges: Judges, gather: Callable[[], object]) -> list[Check]:
    """Return what judges say of facts; each that breaks is a check that failed, all of them where the facts do."""
    try:
        facts = gather()
    except Exception as error:
        log.exception("the facts of %s could not be gathered", judges[0].__name__)
        first, *others = [judge.__name__ for judge in judges]
        return [broken(first, error), *(skipped(code, f"See the check {first!r}.") for code in others)]
    return [one for judge in judges for one in alone(judge.__name__, partial(_one, judge, facts))]


def _one(judge: Callable[..., Check], facts: object) -> tuple[Check]:
    return (judge(facts),)


def alone(code: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """Return what one look says; where it breaks, that."""
    try:
        return list(look())
    except Exception as error:
        log.exception("the check %s broke", code)
        return [broken(code, error)]


def broken(code: str, error: Exception) -> Check:
    """Return the check that could not be made; an error's text may hold anything, so its kind alone is said."""
    sentence = f"This check itself broke ({type(error).__name__}); that is keeplit's fault."
    return Check(code, State.FAIL, sentence, "see keeplit logs, and tell us: keeplit doctor --bundle")


def show_notice(environ: Mapping[str, str]) -> Outcome:
    """Show a notice that asks for nothing, and return whether the desktop took it."""
    from keeplit.adapters import notify

    notifier = notify.find(lambda *_: None, lambda: notify.served(environ))
    try:
        return notifier.show(Action(Do.NOTIFY, "", "doctor", NOTICE), NOTICE, "It asks nothing of you.", ())
    finally:
        notifier.stop()
