"""The exit codes of the command line, on which scripts depend (section 5 of the design)."""

DONE = 0
FAILED = 1
USAGE = 2
SIGN_IN = 3  # a person must
NOT_SET_UP = 4  # no config.toml, no SSO profile, no profile in Claude Code's settings
