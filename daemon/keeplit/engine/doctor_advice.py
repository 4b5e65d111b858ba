"""The doctor's checks that others judge: old advice, a model's availability, and what an editor says of Claude Code."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from keeplit.adapters import aws_config, files, foreign_places
from keeplit.core import old_advice
from keeplit.core.check import Check
from keeplit.core.doctor_aws import NOT_ASKED, Answers
from keeplit.core.doctor_marks import ok, skipped, warn
from keeplit.core.old_advice_evidence import Evidence, Line, TokenSeen
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.whose import Meant

VARIABLES = "claudeCode.environmentVariables"
NO_LOGIN_SCREEN = "claudeCode.disableLoginPrompt"
ACCESS = ("model_availability", "use_case_form")
OF_OTHERS = frozenset({"model_listed", "credentials", "models_list"})  # the doctor has checks of its own for these


def advice(scene: Scene) -> Iterable[Check]:
    """Return a check for each piece of old advice that is found."""
    return old_advice.found(evidence(scene))


def evidence(scene: Scene) -> Evidence:
    """Return what the checks of old advice look at."""
    profiles, sessions = aws_config.sections(scene.sources.environ)
    place = aws_config.files(scene.sources.environ)[0]
    home = scene.paths.home
    editor = next((one for one in foreign_places.editors(home, scene.environ) if one.settings is not None), None)
    return Evidence(
        settings=_document(Path(scene.settings.path)),
        settings_path=scene.settings.path,
        profiles=profiles,
        sso_sessions=sessions,
        config_path=str(place),
        config_comments=tuple(Line(str(place), number, text) for number, text in foreign_places.comments(place)),
        profile=scene.sources.name,
        environ=scene.environ,
        shell_lines=tuple(Line(one.path, one.number, one.text) for one in scene.startup_lines),
        foreign=foreign_places.folders(home, scene.environ),
        vscode=editor.settings if editor is not None else None,
        vscode_path=editor.path if editor is not None else Evidence().vscode_path,
        tokens=tuple(
            TokenSeen(one.seen.session.name, one.token.refreshable) for one in scene.cases if one.token is not None
        ),
    )


def _document(place: Path) -> Mapping[str, object]:
    """Return the settings whole: what is known of them elsewhere are texts alone."""
    try:
        document = json.loads(files.read(place, 2 << 20) or b"{}")
    except (files.FileTrouble, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def vscode(scene: Scene) -> Iterable[Check]:
    """Judge what VS Code's extension is told beside the settings, which it reads too."""
    code = "vscode"
    found = foreign_places.editors(scene.paths.home, scene.environ)
    if not found:
        return (skipped(code, "No settings of VS Code were found."),)
    for one in found:
        if one.settings is None:
            return (warn(code, f"{one.path} cannot be read as JSON.", "correct it in the editor"),)
        other = [name for name, value in _variables(one.settings) if scene.variables.get(name, value) != value]
        if other:
            sentence = f"{one.path} gives Claude Code's extension another {', '.join(other)} than the settings."
            return (warn(code, sentence, f"take {VARIABLES} out there: the extension reads the settings too"),)
    told = "" if any(one.settings and one.settings.get(NO_LOGIN_SCREEN) for one in found) else _NO_LOGIN
    return (ok(code, f"VS Code's extension reads the same settings.{told}"),)


_NO_LOGIN = f" Its login screen goes away with {NO_LOGIN_SCREEN}."


def _variables(settings: Mapping[str, object]) -> list[tuple[str, str]]:
    listed = settings.get(VARIABLES)
    several = listed if isinstance(listed, list) else []
    pairs = [(one.get("name"), one.get("value")) for one in several if isinstance(one, dict)]
    return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


def model_access(scene: Scene, seen: Answers) -> Iterable[Check]:
    """Return what AWS says, without cost, of the first model that is pinned; `seen` is what it said before."""
    pinned = next(iter(seen.pins.values()), "")
    if seen.listing is None or not seen.listing.known or not isinstance(scene.meant, Meant):
        return tuple(skipped(code, NOT_ASKED) for code in ACCESS)
    if not pinned:
        return tuple(skipped(code, "No model is pinned.") for code in ACCESS)
    from keeplit.engine import access  # late: a doctor offline asks nothing of AWS

    found = access.look(scene.paths, scene.tools, region=scene.region, model=pinned, profile=scene.meant.profile.name)
    judged = tuple(one for one in found.states if one.code not in OF_OTHERS)
    return judged or tuple(skipped(code, "What is pinned is not in the list.") for code in ACCESS)
