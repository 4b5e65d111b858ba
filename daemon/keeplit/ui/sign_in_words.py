"""What is said when a sign-in ends, or is waited for no longer: how it stands, and what to type next. Pure.

Law: the next step names the session that it is about, since another one may be the default; and `extend` is followed by
`extend`: a sign-in while the old one lives does not move its end.
"""

from shlex import quote

from keeplit.core.model import Session, SignIn, SignInCode

ENDINGS = {
    SignInCode.DENIED: "the sign-in was denied in the browser. Once more: {again}",
    SignInCode.CLOSED: "the browser page was closed. Once more: {again}",
    SignInCode.TIMED_OUT: "nobody finished the sign-in in time. Once more: {again}",
    SignInCode.CANCELLED: "the sign-in was cancelled. Once more: {again}",
    SignInCode.OFFLINE: "AWS could not be reached. Check the network, then: {again}",
    SignInCode.NO_BROWSER: "no browser can be opened here. With a code instead: {again} --no-browser",
    SignInCode.CACHE_NOT_WRITABLE: "the token cache cannot be written. Make ~/.aws yours, then: {again}",
    SignInCode.NOT_ENDED: "the old sign-in could not be ended, so nothing else was begun. Once more: {again}",
    SignInCode.REGISTRATION_DEAD: "AWS does not accept the AWS CLI's client registration. Once more: {again}",
    SignInCode.MISCONFIGURED: "the AWS config does not fit. See: keeplit profiles",
    SignInCode.FAILED: "the sign-in failed. See: keeplit logs",
}


def again(session: Session, *, fresh: bool = False) -> str:
    """Return the command that signs in to this session once more; `fresh` is an extension."""
    return f"keeplit {'extend' if fresh else 'login'} --session={quote(session.name)}"


def ending(code: SignInCode, detail: str, command: str) -> str:
    """Return how a sign-in ended, with the command for the next try; a detail that says the same is left out."""
    said = ENDINGS.get(code, ENDINGS[SignInCode.FAILED]).format(again=command)
    same = said.casefold().startswith(detail.casefold().rstrip("."))
    return said if same else f"{said} ({detail})"


def interrupted(session: Session, record: SignIn | None, *, fresh: bool) -> str:
    """Return what is true after Ctrl-C: a sign-in that runs has a process of its own, which goes on."""
    if record is None or not record.running:
        return f"interrupted; no sign-in of {session.name} runs. Once more: {again(session, fresh=fresh)}"
    lost = f" You are signed out of {session.name} until then." if fresh else ""
    return f"you wait no longer; the sign-in goes on in the browser. Join it: {again(session)}.{lost}"


def another(session: Session, name: str, *, fresh: bool = False, command: str = "") -> str:
    """Return that nothing of what was asked for is begun, while somebody signs in to `name` at the same portal."""
    whose = f" (of {name})" if name else ""
    command = command or again(session, fresh=fresh)
    return f"another sign-in of this portal is under way{whose}. Once it has ended: {command}"


def not_kept(session: Session) -> str:
    """Return that nothing makes keeplit keep this session, and what would."""
    name = session.name.replace("\\", "\\\\").replace('"', '\\"')
    line = f'keep = ["{name}"]'
    mends = f"To have it kept: {line} in config.toml's [sessions]"
    return f"No profile uses {session.name}, so keeplit does not keep it. {mends}"
