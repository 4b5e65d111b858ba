from __future__ import annotations

from keeplit.core.explain import explain
from tests.core.seen_texts import each, told

SEEN = [
    (
        # Ivy-Interactive/Ivy-Tendril #1756
        "API Error: Request rejected (429) - Too many tokens per day, please wait before trying again.",
        "quota_tokens_day",
        "waiting some minutes does not help",
    ),
    (
        # anthropics/claude-code #1466
        (
            "An error occurred (ThrottlingException) when calling the InvokeModel operation (reached max retries: "
            "2): Too many "
            "tokens, please wait before trying again."
        ),
        "quota_tokens_minute",
        "within a minute",
    ),
    (
        # anthropics/claude-code #77
        (
            "  \u23bf  API Error (429 Too many tokens, please wait before trying again.) \u00b7 Retrying in 1 "
            "seconds\u2026 "
            "(attempt 1/10)"
        ),
        "quota_tokens_minute",
        "tokens per minute",
    ),
    (
        "ThrottlingException: Your account is limited to 20,000 tokens per minute for this model.",
        "quota_tokens_minute",
        "(here 20,000)",
    ),
    (
        (
            "An error occurred (ThrottlingException) when calling the Converse operation (reached max retries: 4): "
            "Too many "
            "requests, please wait before trying again. You have sent too many requests."
        ),
        "quota_requests",
        "requests per minute",
    ),
    (
        (
            "An error occurred (ServiceQuotaExceededException) when calling the InvokeModel operation: Your request "
            "exceeds "
            "the service quota for your account."
        ),
        "quota_exceeded",
        "waiting does not help",
    ),
    ("ThrottlingException: Rate exceeded", "throttled", "waiting helps"),
    ('API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}', "overloaded", "capacity"),
    (
        "ServiceUnavailableException: Bedrock is unable to process your request.",
        "overloaded",
        "not in your credentials",
    ),
    (
        (
            "An error occurred (InternalServerException) when calling the InvokeModel operation: The system "
            "encountered an "
            "unexpected error during processing. Try your request again."
        ),
        "service_trouble",
        "try again",
    ),
    ("API Error: 502 <html><head><title>502 Bad Gateway</title></head></html>", "service_trouble", "proxy"),
]


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and it is said whether waiting helps."""
    assert told(text, phrase) == (code, phrase)


def test_the_quota_to_be_raised_is_named() -> None:
    """The message for an administrator names the quota, the model and the region."""
    found = explain(f"{SEEN[1][0]} (model us.anthropic.claude-sonnet-4-6)", region="us-west-2")
    assert "raise the quota of us.anthropic.claude-sonnet-4-6" in found.admin
    assert "in us-west-2" in found.admin
    assert "tokens per minute" in found.admin
