"""How real AWS clients are pointed at the sandbox: a home folder, its configuration, and environment variables."""

from __future__ import annotations

import json
import shlex
import site
import sys
from collections.abc import Mapping
from pathlib import Path

from keeplit.core import own_process
from keeplit.core.own_process import Process
from keeplit.sandbox.pretend_browser import PERSON_VARIABLE

ACME = "https://d-1234567890.awsapps.com/start"
BETA = "https://d-2345678901.awsapps.com/start"
LEGACY = "https://d-3456789012.awsapps.com/start"

CONFIG = f"""\
[sso-session acme]
sso_start_url = {ACME}
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[sso-session beta]
sso_start_url = {BETA}
sso_region = eu-central-1
sso_registration_scopes = sso:account:access

[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = ClaudeCode
region = us-east-1

[profile play]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = Administrator
region = us-west-2

[profile client]
sso_session = beta
sso_account_id = 777788889999
sso_role_name = ClaudeCode
region = eu-central-1

[profile old]
sso_start_url = {LEGACY}
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = ReadOnly
region = us-east-1
"""
"""Two sso-sessions (acme with the profiles work and play, beta with client) and the legacy profile old."""

# What a person's shell says of these is not for the sandbox's clients.
_FOREIGN = ("AWS_", "ANTHROPIC_", "CLAUDE", "KEEPLIT_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

# AWS CLI before 2.13 knows no endpoint variables, but obeys rule sets in AWS_DATA_PATH.
_RULE_SETS = {"sso-oidc/2019-06-10": "", "sso/2019-06-10": "", "sts/2011-06-15": "/sts"}
_PARAMETERS = {"Region": "String", "UseDualStack": "Boolean", "UseFIPS": "Boolean", "Endpoint": "String"}
_BUILT_INS = {
    "Region": "AWS::Region",
    "UseDualStack": "AWS::UseDualStack",
    "UseFIPS": "AWS::UseFIPS",
    "Endpoint": "SDK::Endpoint",
}


def write_home(home: Path, url: str, *, config: str = CONFIG) -> None:
    """Write ``.aws/config`` into an empty home, and the endpoint rule sets for the sandbox at ``url``."""
    aws = home / ".aws"
    aws.mkdir(mode=0o700, parents=True, exist_ok=True)
    (aws / "config").write_text(config, encoding="utf-8")
    for folder, path in _RULE_SETS.items():
        place = _data_path(home) / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / "endpoint-rule-set-1.json").write_text(json.dumps(_rule_set(url + path)), encoding="utf-8")


def person_file(home: Path) -> Path:
    """Return where the pretend person of a home is described."""
    return home / "person.json"


def environment(home: Path, url: str, *, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables that point any AWS client at the sandbox, on top of what is harmless in ``base``.

    Without ``base`` only the sandbox's own variables are returned, to print or to add to others. Every variable
    that leads a program to the person's own files is among them, so that none of those is read or written.
    """
    kept = {name: value for name, value in (base or {}).items() if not name.upper().startswith(_FOREIGN)}
    opener = own_process.command(Process.BROWSER, sys.executable, frozen=getattr(sys, "frozen", False))
    browser = f"{shlex.join(opener)} %s"
    return {
        **kept,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "APPDATA": str(home / "AppData" / "Roaming"),
        "LOCALAPPDATA": str(home / "AppData" / "Local"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "AWS_CONFIG_FILE": str(home / ".aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws" / "credentials"),
        "AWS_ENDPOINT_URL_SSO_OIDC": url,
        "AWS_ENDPOINT_URL_SSO": url,
        "AWS_ENDPOINT_URL_STS": f"{url}/sts",
        "AWS_ENDPOINT_URL_BEDROCK": f"{url}/bedrock",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"{url}/bedrock",
        "AWS_DATA_PATH": str(_data_path(home)),
        "AWS_EC2_METADATA_DISABLED": "true",
        "BROWSER": browser,
        PERSON_VARIABLE: str(person_file(home)),
        # Programs of `pip install --user`, keeplit perhaps among them, find their modules by the home otherwise.
        **({"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}),
    }


def _data_path(home: Path) -> Path:
    return home / "endpoints"


def _rule_set(url: str) -> dict[str, object]:
    parameters = {
        name: {"type": kind, "builtIn": _BUILT_INS[name], "required": kind == "Boolean", "documentation": ""}
        | ({"default": False} if kind == "Boolean" else {})
        for name, kind in _PARAMETERS.items()
    }
    rule = {"type": "endpoint", "conditions": [], "endpoint": {"url": url, "properties": {}, "headers": {}}}
    return {"version": "1.0", "parameters": parameters, "rules": [rule]}
