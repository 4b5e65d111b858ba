from keeplit.adapters import notify
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result


def test_where_no_notice_can_be_shown_that_is_the_outcome() -> None:
    """Nothing is raised and nothing waits: the caller goes on as if nobody had looked."""
    action = Action(Do.NOTIFY, "a" * 40, "signing_in:1", "The sign-in is over.", notice=Notice.SIGNING_IN)
    outcome = notify.find().show(action, "Signing in", "A tab will open.", ("Sign in",))
    assert outcome == Outcome(Result.NOT_SHOWN, "no_notifier")
