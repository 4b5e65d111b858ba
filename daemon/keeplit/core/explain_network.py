"""The errors of the way to AWS: certificates, proxies, names, connections. Pure.

Law: precise before general; that a connection failed says nothing about credentials, so no fix here signs anybody in.
"""

from keeplit.core.explain_rule import rule

REACH = "keeplit doctor (it tries the same way as Claude Code, step by step)"

RULES = (
    rule(
        "tls_untrusted",
        r"SSL validation failed|CERTIFICATE_VERIFY_FAILED|self-?signed certificate|SELF_SIGNED_CERT"
        r"|unable to get (?:local )?issuer certificate|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)"
        r"|unable to verify the first certificate|CERT_HAS_EXPIRED|certificate has expired|certificate verify failed",
        "The certificate of {host} is not trusted",
        "A proxy or security program of your company shows its own certificate, which AWS tools and Claude Code do not "
        "know.",
        "set NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE to your company's CA file (in `env` of ~/.claude/settings.json too)",
        admin="give me the file of the root certificate that our proxy signs with, or let AWS's addresses pass "
        "unopened",
    ),
    rule(
        "proxy_failed",
        r"Failed to connect to proxy URL|Proxy Authentication Required|407 Proxy"
        r"|Tunnel connection failed|ERR_PROXY|ProxyConnectionError|Unable to connect to proxy|proxy CONNECT aborted",
        "The proxy cannot be reached, or refuses",
        "HTTPS_PROXY names a proxy that does not answer, or wants a password.",
        "correct HTTPS_PROXY, or unset it outside the company's network; then: keeplit doctor",
        admin="let the proxy pass bedrock.*, bedrock-runtime.*, sts.*, oidc.* and portal.sso.* of amazonaws.com",
    ),
    rule(
        "name_unknown",
        r"(?-i:ENOTFOUND)|EAI_AGAIN|getaddrinfo|Name or service not known|Could not resolve host"
        r"|nodename nor servname|Temporary failure in name resolution|NameResolutionError",
        "The name {host} is not found",
        "There is no network, its DNS does not know AWS, or the region's name is misspelt.",
        "check network and VPN, and the region's spelling (keeplit use); then: keeplit doctor",
    ),
    rule(
        "timed_out",
        r"(?:Connect|Read) timeout on endpoint URL|ETIMEDOUT|ESOCKETTIMEDOUT|Connection timed out"
        r"|Request timed out|TimeoutError|UND_ERR_CONNECT_TIMEOUT|ConnectTimeoutError|ReadTimeoutError",
        "{host} does not answer",
        "A firewall drops the connection, a VPN is down, or a VPC endpoint is missing.",
        REACH,
        admin="open HTTPS (443) to bedrock-runtime, bedrock, sts, oidc and portal.sso of our regions, or add VPC "
        "endpoints",
    ),
    rule(
        "unreachable",
        r"Could not connect to the endpoint URL|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH"
        r"|Connection was closed before|socket hang up|Connection (?:refused|reset|aborted|error)"
        r"|Unable to connect to API"
        r"|EndpointConnectionError|fetch failed|Failed to connect to|Network is unreachable|failed to establish a "
        r"connection|AggregateError|APIConnectionError",
        "{host} cannot be reached",
        "The connection failed before AWS could answer: network, VPN, proxy, or a wrong endpoint or region.",
        REACH,
    ),
)
