"""The errors that say "too much": which quota, and whether waiting helps. Pure.

Source: Amazon Bedrock's quotas (tokens per minute, requests per minute, tokens per day, for each model and region).
"""

from keeplit.core.explain_rule import rule

CONSOLE = "Service Quotas, Amazon Bedrock, in {region}"
RAISE = "raise the quota of {model} (" + CONSOLE + ")"

RULES = (
    rule(
        "quota_tokens_day",
        r"too many tokens per day|tokens per day|daily token (?:limit|quota)",
        "The day's tokens of the account are used up",
        "Bedrock counts tokens per day for each model, account and region{limit}; waiting some minutes does not help.",
        "change the model (keeplit use --model haiku) or the region, or wait until tomorrow",
        admin=RAISE + ": 'Model invocation max tokens per day' (a case with AWS Support where it cannot be adjusted)",
    ),
    rule(
        "quota_tokens_minute",
        r"too many tokens|tokens per minute|TPM limit",
        "Too many tokens in a minute",
        "The account's tokens per minute for this model and region{limit} are used; it passes within a minute.",
        "wait a minute; where it comes often, use a global. or regional profile (keeplit models), or have the quota "
        "raised",
        admin=RAISE + ": 'cross-region model inference tokens per minute'",
    ),
    rule(
        "quota_requests",
        r"too many requests|requests per minute|RPM limit|too many concurrent|TooManyRequestsException",
        "Too many requests at once",
        "The account's requests per minute for this model and region{limit} are used; it passes within a minute.",
        "wait a minute; fewer agents side by side help too",
        admin=RAISE + ": 'cross-region model inference requests per minute'",
    ),
    rule(
        "quota_exceeded",
        r"ServiceQuotaExceededException|LimitExceededException|exceeds? the (?:service )?quota",
        "A quota of the account is used up",
        "AWS refuses more than the quota; waiting does not help unless something else ends.",
        "ask for more: " + CONSOLE,
        admin=RAISE,
    ),
    rule(
        "throttled",
        r"ThrottlingException|ThrottledException|SlowDownException|Rate exceeded|Throttling|slow_down"
        r"|(?:status(?: code)?:? |API Error:? \(?|HTTP )429|Request rejected \(429\)|reached max retries",
        "AWS asks to slow down",
        "More calls came in a short time than AWS answers for this account; waiting helps.",
        "wait a minute and try again; Claude Code and keeplit do so by themselves",
        admin=RAISE + ", if it comes often",
    ),
    rule(
        "overloaded",
        r"overloaded_error|(?:API Error:? \(?|status(?: code)?:? )529|Bedrock is unable to process your request"
        r"|ServiceUnavailableException|capacity (?:is )?(?:not available|exceeded)",
        "Bedrock has no free capacity at this moment",
        "It is on AWS's side, not in your credentials or policies.",
        "wait a minute; a global. profile has the most capacity (keeplit models)",
    ),
    rule(
        "service_trouble",
        r"InternalServerException|InternalFailure|ModelErrorException|(?:API Error:? \(?|status(?: code)?:? "
        r"|HTTP )50[0-4]"
        r"|Bad Gateway|Gateway Time-?out",
        "AWS, or a proxy before it, failed",
        "The service answered with an error of its own; your request was not at fault.",
        "try again in a minute; if it stays so: https://health.aws.amazon.com, and keeplit doctor",
    ),
)
