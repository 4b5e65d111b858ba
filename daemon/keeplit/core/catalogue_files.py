"""The part of the catalogue that is about files: what their readers find wrong, each with a sentence of its own. Pure.

Law: whoever makes a `Problem` takes its code from here or from `keeplit.core.catalogue`; the sentence says where.
"""

# Each code: its weight, a title, and the next step where the reader names none. ``{session}`` is what it names.
FILES = {
    "config_unreadable": ("warning", "keeplit's config.toml cannot be read", "make it readable for you"),
    "config_wrong": ("warning", "keeplit's config.toml has a mistake in it", "correct it"),
    "config_unknown": (
        "warning",
        "keeplit's config.toml has a key that keeplit does not know",
        "remove it, or look for a typing error",
    ),
    "config_names_nothing": (
        "warning",
        "keeplit's config.toml names what the AWS config does not have",
        "correct the name; see which there are: keeplit profiles",
    ),
    "aws_config_unreadable": (
        "error",
        "The AWS config or credentials file cannot be read",
        "make it readable for you",
    ),
    "aws_config_broken": (
        "error",
        "The AWS config or credentials file has a mistake in it",
        "correct it: no AWS tool can read the file",
    ),
    "section_dropped": ("warning", "AWS tools do not see the section [{session}]", "write [profile NAME]"),
    "session_incomplete": (
        "warning",
        "The sso-session {session} is not complete",
        "add what is missing: your AWS access portal shows it under 'Access keys'",
    ),
    "session_missing": ("warning", "The sso-session of the profile {session} is missing", "keeplit profiles"),
    "profile_contradicts_session": (
        "warning",
        "The profile {session} contradicts its sso-session",
        "remove from the profile what its sso-session says",
    ),
    "profile_loop": (
        "warning",
        "The profile {session} leads in a circle",
        "let one profile of the chain have credentials of its own",
    ),
    "profile_source_missing": ("warning", "The profile {session} leads nowhere", "correct its source_profile"),
    "sso_region": ("warning", "AWS has no such sso_region: {session}", "correct sso_region in the AWS config"),
    "settings_layer": (
        "warning",
        "A settings file that goes before Claude Code's own cannot be read",
        "correct the file, or ask whoever manages this machine",
    ),
    "undo_cut_off": ("warning", "An undo was cut off", "the same once more: keeplit undo --list"),
    "use_cut_off": ("warning", "A change was cut off", "the same command once more: keeplit use"),
    "folders": ("warning", "A folder is not as keeplit needs it", "make it yours, and private"),
    "state_not_writable": ("warning", "keeplit's own files cannot be written", "free disk space, or make them yours"),
    "memory_unreadable": ("warning", "keeplit's memory could not be read", "nothing to do"),
    "journal_unreadable": ("warning", "keeplit's journal could not be read whole", "nothing to do"),
    "turn_failed": ("warning", "A turn of the daemon failed", "keeplit logs"),
}

SPOILED = frozenset({"aws_config_broken", "aws_config_unreadable"})
"""With one of these nothing that the AWS config names is known."""
