from __future__ import annotations

from keeplit.core.explain import explain
from tests.core.seen_texts import each, told

SEEN = [
    (
        # anthropics/claude-code #8054
        (
            "  API Error (Connection error.) \u00b7 Retrying in 4 seconds\u2026 (attempt 4/10)\n    \u23bf  Error "
            "(self signed "
            "certificate in certificate chain) (SELF_SIGNED_CERT_IN_CHAIN)"
        ),
        "tls_untrusted",
        "NODE_EXTRA_CA_CERTS",
    ),
    (
        # anthropics/claude-code #74369
        (
            "`API Error: Unable to connect to API: Self-signed certificate detected. Check your proxy or corporate SSL "
            "certificates`"
        ),
        "tls_untrusted",
        "company",
    ),
    (
        # botocore.exceptions.SSLError, in its own words
        (
            "SSL validation failed for https://bedrock-runtime.eu-central-1.amazonaws.com/model/x/invoke [SSL: "
            "CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1129)"
        ),
        "tls_untrusted",
        "bedrock-runtime.eu-central-1.amazonaws.com",
    ),
    (
        # botocore.exceptions.ProxyConnectionError, in its own words
        'Failed to connect to proxy URL: "http://proxy.example.com:3128"',
        "proxy_failed",
        "HTTPS_PROXY",
    ),
    (
        "getaddrinfo ENOTFOUND bedrock-runtime.us-esat-1.amazonaws.com",
        "name_unknown",
        "bedrock-runtime.us-esat-1.amazonaws.com",
    ),
    ("fatal: Could not resolve host: portal.sso.us-east-1.amazonaws.com", "name_unknown", "spelling"),
    (
        # botocore.exceptions.ConnectTimeoutError, in its own words
        'Connect timeout on endpoint URL: "https://bedrock.eu-west-1.amazonaws.com/inference-profiles"',
        "timed_out",
        "bedrock.eu-west-1.amazonaws.com does not answer",
    ),
    (
        # botocore.exceptions.EndpointConnectionError, in its own words
        'Could not connect to the endpoint URL: "https://sts.us-east-1.amazonaws.com/"',
        "unreachable",
        "sts.us-east-1.amazonaws.com cannot be reached",
    ),
    (
        # anthropics/claude-code #2607
        "> test prompt\n  \u23bf  API Error: AggregateError",
        "unreachable",
        "keeplit doctor",
    ),
    ("API Error: Connection error. (ECONNREFUSED 127.0.0.1:3128)", "unreachable", "AWS cannot be reached"),
]


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and no sign-in is advised where the way is broken."""
    assert told(text, phrase) == (code, phrase)
    assert "login" not in explain(text).fix
