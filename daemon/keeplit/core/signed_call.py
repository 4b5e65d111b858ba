"""How a call to AWS that is signed with role credentials begins, as the worker process takes it. Pure."""

from keeplit.core.secrets import RoleCredentials


def begin(service: str, region: str, endpoint: str | None, credentials: RoleCredentials) -> dict[str, object]:
    """Return what says whom to ask, and with which keys; an `endpoint` of None is AWS's own."""
    return {
        "service": service,
        "region": region,
        "endpoint": endpoint,
        "keys": {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
            "aws_session_token": credentials.session_token,
        },
    }
