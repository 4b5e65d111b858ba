"""The errors of Bedrock that are about a model: its name, its region, its life, who may use it, how much. Pure.

Law: precise before general; the texts are Bedrock's own, and what Claude Code makes of them.
"""

from keeplit.core.explain_rule import Ask, rule

LISTED = "keeplit models shows what {region} has; then: keeplit use --model sonnet"
CATALOGUE = "in the Amazon Bedrock console of {region}, Model catalog"
RETRY = "wait a minute and try again; Claude Code does so by itself"

RULES = (
    rule(
        "on_demand_unsupported",
        r"with on-demand throughput (?:isn't|is not) supported"
        r"|(?:doesn't|does not) support on-demand throughput|on-demand throughput isn",
        "{model} cannot be called by its bare id",
        "Newer models are called through an inference profile: the same id behind a prefix such as us., eu. or global.",
        "keeplit use --model sonnet (or opus, or haiku: keeplit writes the profile's id that works from {region})",
    ),
    rule(
        "use_case_missing",
        r"use case details have not been submitted|have not filled out the (?:required )?use-?case form"
        r"|Anthropic use case details form",
        "Anthropic's use-case form is missing",
        "Once for each account (or organisation) somebody must say what Claude is used for before it may be called.",
        f"fill it out {CATALOGUE}: choose an Anthropic model, 'Submit use case details'; wait 15 minutes, then: "
        "keeplit models --check {id}",
        admin="submit Anthropic's use-case form for the account (Amazon Bedrock console, Model catalog, any Anthropic "
        "model), or in the organisation's management account for all of them",
    ),
    rule(
        "payment_missing",
        r"INVALID_PAYMENT_INSTRUMENT|valid payment instrument",
        "The account has no valid means of payment for AWS Marketplace",
        "Claude on Bedrock is subscribed to through AWS Marketplace, which refuses the account's means of payment.",
        "have one added in the AWS console: Billing and Cost Management, Payment preferences; then wait 2 minutes",
        admin="add a valid means of payment to the account (or the organisation's payer account) that AWS Marketplace "
        "accepts",
    ),
    rule(
        "marketplace_denied",
        r"required AWS Marketplace actions|not authorized to perform: aws-marketplace:",
        "The role may not subscribe to the model in AWS Marketplace",
        "The first call of a model in an account subscribes to it, and your role lacks "
        "aws-marketplace:ViewSubscriptions "
        "and Subscribe.",
        "let an administrator call the model once, or: keeplit iam policy --marketplace",
        admin="call the model once with a role that may subscribe in AWS Marketplace, or allow this role to",
        ask=Ask.MARKETPLACE,
    ),
    rule(
        "marketplace_pending",
        r"AWS Marketplace subscription for this model cannot be completed|subscription (?:is )?(?:pending|in progress)",
        "The account's subscription to the model is not complete",
        "AWS Marketplace has not finished, or has refused, the subscription that the first call of a model makes.",
        "wait 15 minutes and try again; if it stays so, the account's means of payment or a policy stops it",
        admin="look in AWS Marketplace, Manage subscriptions, why the subscription to the Anthropic model fails",
        ask=Ask.MARKETPLACE,
    ),
    rule(
        "model_legacy",
        r"marked by provider as Legacy",
        "{model} is legacy and closed to you",
        "AWS retires this model and refuses accounts that have not used it in the last weeks.",
        LISTED,
    ),
    rule(
        "model_end_of_life",
        r"reached (?:the|its) end of (?:its )?life|model (?:version )?(?:is|has been) (?:deprecated|retired)",
        "{model} has reached its end of life",
        "AWS has switched this version of the model off for everybody.",
        LISTED,
    ),
    rule(
        "unsupported_country",
        r"not allowed from unsupported countries|not available in your country",
        "Anthropic's models are not offered where you call from",
        "Bedrock refuses calls that come from a country or territory that Anthropic does not support.",
        "see https://www.anthropic.com/supported-countries; a VPN's exit in another country has the same effect",
    ),
    rule(
        "channel_account",
        r"not available for channel program accounts",
        "The account was bought from a reseller, and may not use this model",
        "Accounts of AWS's channel program need the reseller's agreement for Anthropic's models.",
        "ask the partner who bills the account",
        admin="ask the partner who bills the account to allow Anthropic's models in it",
    ),
    rule(
        "region_unsupported",
        r"(?:model|operation)[^.]{0,120}(?:is not|isn't) supported in this region|not (?:available|supported) in "
        r"(?:this|the|your) (?:requested )?region|Service bedrock(?:-runtime)? not available in region"
        r"|Unable to construct an endpoint for bedrock",
        "{region} does not have it",
        "This model, or Bedrock itself, is not in the region that was called.",
        "keeplit models --where {id} (then: keeplit use --region REGION)",
    ),
    rule(
        "model_invalid",
        r"(?:provided )?model identifier is invalid|could not resolve the foundation model"
        r"|inference profile .{0,120}?(?:not found|does not exist|doesn't exist|could not be found)"
        r"|ARN is invalid for the service region",
        "The model's id is not one that this region knows",
        "The id is misspelt, belongs to another part of the world (us., eu., apac. ...), or is Anthropic's own name "
        "for the model.",
        LISTED,
    ),
    rule(
        "access_not_granted",
        r"don't have access to the model with the specified model ID|access has not been granted"
        r"|not available on your bedrock deployment|not available for this account|model access is denied"
        r"|you may not have access to it",
        "The account has no access to {model}, or the region does not have it",
        "Bedrock says the same for a model that the account has not been given and for one that is not there.",
        "keeplit models --check {id} (it says which of both; without it: keeplit doctor)",
        admin="open the model in the Amazon Bedrock console, Model catalog, in this account and region, and submit "
        "Anthropic's use-case form if it asks for it",
        ask=Ask.INVOKE,
    ),
    rule(
        "account_not_authorized",
        r"Your account is not authorized to invoke this API operation|Operation not allowed"
        r"|account (?:is not|isn't) (?:currently )?authorized to (?:use|access) (?:Amazon )?Bedrock",
        "AWS does not let this account use Bedrock there",
        "The account is new, restricted, or not open for Bedrock in this region; no policy of yours changes that.",
        "try another region (keeplit use --region us-east-1), else open a case with AWS Support",
        admin="open a case with AWS Support: the account is not authorized for Amazon Bedrock in this region",
    ),
    rule(
        "max_tokens_low",
        r"exceeded the [0-9]{1,8} output token maximum|max_tokens[`'\"]? must be greater than [`'\"]?thinking",
        "The limit for an answer is too low",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS (an older guide's 4096, mostly) cuts the answer off, or leaves no room beside "
        "MAX_THINKING_TOKENS.",
        "remove CLAUDE_CODE_MAX_OUTPUT_TOKENS and MAX_THINKING_TOKENS from `env` in ~/.claude/settings.json and your "
        "shell; keeplit doctor shows where they are set",
    ),
    rule(
        "max_tokens_high",
        r"maximum tokens you requested exceeds? the model limit|max_tokens:? [0-9]{3,8} > [0-9]{3,8}",
        "The limit for an answer is higher than the model allows",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS asks for more tokens than this model can answer with.",
        "remove CLAUDE_CODE_MAX_OUTPUT_TOKENS from `env` in ~/.claude/settings.json; Claude Code knows each model's "
        "own",
    ),
    rule(
        "input_too_long",
        r"Input is too long for requested model|prompt is too long|too many total text bytes|exceed context limit",
        "The conversation is longer than the model can read",
        "What Claude Code sends is over the model's context window; credentials and permissions are fine.",
        "in Claude Code: /compact, or /clear for a new conversation",
    ),
    rule(
        "beta_refused",
        r"invalid beta flag|anthropic-beta[^.]{0,80}(?:not supported|invalid|unexpected value)",
        "Bedrock, or a gateway before it, does not know a beta that Claude Code asks for",
        "Claude Code sends names of new features along, and whoever answers here refuses one of them.",
        "claude update; if it stays so: keeplit use --env CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1",
    ),
    rule(
        "model_not_ready",
        r"ModelNotReadyException|model is not ready for inference",
        "{model} is still starting",
        "Bedrock is loading the model.",
        RETRY,
    ),
    rule(
        "model_timeout",
        r"ModelTimeoutException|model (?:has )?timed out|processing time exceeded the model timeout",
        "{model} took too long",
        "The model did not answer within Bedrock's time.",
        "try again, with a smaller request if it stays so",
    ),
)
