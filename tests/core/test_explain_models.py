from __future__ import annotations

from keeplit.core.explain import explain
from tests.core.seen_texts import each, told

# The text as people show it (source), the code, and a phrase of what is said.
SEEN = [
    (
        # terricain/aioboto3 #352
        (
            "botocore.errorfactory.ValidationException: An error occurred (ValidationException) when calling the "
            "InvokeModelWithResponseStream operation: Invocation of model ID "
            "anthropic.claude-3-5-sonnet-20241022-v2:0 with "
            "on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference "
            "profile that "
            "contains this model."
        ),
        "on_demand_unsupported",
        "anthropic.claude-3-5-sonnet-20241022-v2:0 cannot be called by its bare id",
    ),
    (
        # Laisky/one-api #77
        (
            '{"error":{"message":"InvokeModelWithResponseStream: operation error Bedrock Runtime: '
            "InvokeModelWithResponseStream, https response error StatusCode: 400, RequestID: b781030a-91bb-4196-bb7a-"
            "ec46747a0f37, ValidationException: Invocation of model ID anthropic.claude-sonnet-4-20250514-v1:0 with "
            "on-demand "
            'throughput isn\u2019t supported. Retry your request","type":"","param":"","code":null}}'
        ),
        "on_demand_unsupported",
        "inference profile",
    ),
    (
        # aws-samples/bedrock-chat #508
        (
            "An error occurred (ValidationException) when calling the ConverseStream operation: The provided "
            "model doesn't "
            "support on-demand throughput."
        ),
        "on_demand_unsupported",
        "The model cannot be called",
    ),
    (
        # obot-platform/obot #6747
        (
            "Model use case details have not been submitted for this account. Fill out the Anthropic use case "
            "details form "
            "before using the model. If you have already filled out the form, try again in 15 minutes."
        ),
        "use_case_missing",
        "form",
    ),
    (
        # truefoundry/models #934
        (
            "aws-bedrock error: The model returned the following errors: You have not filled out the required "
            "use-case form "
            "for this model. Complete the form at https://ap-southeast-4.console.aws.amazon.com/bedrock/ before "
            "requesting"
        ),
        "use_case_missing",
        "15 minutes",
    ),
    (
        # Tracer-Cloud/opensre #1811
        (
            "Access denied for Bedrock model. Cause: Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A "
            "valid payment "
            "instrument must be provided."
        ),
        "payment_missing",
        "means of payment",
    ),
    (
        # aws-samples/sample-host-openclaw-on-amazon-bedrock-agentcore #41
        (
            "Model access is denied due to IAM user or service role is not authorized to perform the required AWS "
            "Marketplace "
            "actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. "
            "Refer to "
            "the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model "
            "cannot be "
            "completed at this time. If you recently fixed this issue, try again after 2 minutes."
        ),
        "marketplace_denied",
        "aws-marketplace:ViewSubscriptions",
    ),
    (
        # the same answer's last sentence, as older accounts get it alone
        "AccessDeniedException: Your AWS Marketplace subscription for this model cannot be completed at this time.",
        "marketplace_pending",
        "15 minutes",
    ),
    (
        # awslabs/llmeter #35
        (
            "An error occurred (ResourceNotFoundException) when calling the Converse operation: Access denied. This "
            "Model is "
            "marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please "
            "upgrade "
            "to an active model on Amazon Bedrock"
        ),
        "model_legacy",
        "retires",
    ),
    (
        # aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws #708
        (
            "ResourceNotFoundException: This model version has reached the end of its life. Please refer to the AWS "
            "documentation for more details."
        ),
        "model_end_of_life",
        "switched this version",
    ),
    (
        # anthropics/claude-code #2656
        (
            "API Error: 400 Access to Anthropic models is not allowed from unsupported countries, regions, or "
            "territories. \n"
            "Please refer to https://www.anthropic.com/supported-countries for more information."
        ),
        "unsupported_country",
        "supported-countries",
    ),
    (
        # AWS re:Post, accounts of resellers
        (
            "ValidationException: Access to this model is not available for channel program accounts. Reach out to "
            "your AWS "
            "Solution Provider or AWS Distributor for more information."
        ),
        "channel_account",
        "reseller",
    ),
    (
        # botocore.exceptions.ServiceNotInRegionError, in its own words
        "Service bedrock not available in region us-west-1",
        "region_unsupported",
        "not in the region",
    ),
    (
        "ValidationException: The model anthropic.claude-sonnet-4-6 is not supported in this region.",
        "region_unsupported",
        "keeplit models --where anthropic.claude-sonnet-4-6",
    ),
    (
        # anthropics/claude-code #23582
        "API Error (claude-opus-4-6[1m]): 400 The provided model identifier is invalid.",
        "model_invalid",
        "keeplit models",
    ),
    (
        # komputer-ai/komputer-ai #141
        (
            "API Error (claude-sonnet-4-6): 400 The provided model identifier is invalid.. Try switching to "
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0."
        ),
        "model_invalid",
        "Anthropic's own name",
    ),
    (
        # anthropics/claude-code #93
        "> API Error: 403 You don't have access to the model with the specified model ID.",
        "access_not_granted",
        "keeplit models --check",
    ),
    (
        # anthropics/claude-code #50439
        (
            "There's an issue with the selected model (us.anthropic.claude-haiku-4-5-20251001-v1:0). It may not "
            "exist or you "
            "may not have access to it. Run /model to pick a different model."
        ),
        "access_not_granted",
        "keeplit models --check us.anthropic.claude-haiku-4-5-20251001-v1:0",
    ),
    (
        # aws-samples/amazon-bedrock-workshop #20
        (
            "botocore.errorfactory.AccessDeniedException: An error occurred (AccessDeniedException) when calling the "
            "ListFoundationModels operation: Your account is not authorized to invoke this API operation."
        ),
        "account_not_authorized",
        "no policy of yours",
    ),
    (
        # anthropics/claude-code #10041
        (
            "\u23bf API Error: Claude's response exceeded the 4096 output token maximum. To configure this behavior, "
            "set the "
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS environment \n    variable."
        ),
        "max_tokens_low",
        "remove CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    ),
    (
        "API Error: 400 `max_tokens` must be greater than `thinking.budget_tokens`.",
        "max_tokens_low",
        "MAX_THINKING_TOKENS",
    ),
    (
        # vercel/ai #2772
        (
            "ValidationException: The maximum tokens you requested exceeds the model limit of 4096. Try again with a "
            "maximum "
            "tokens value that is lower than 4096."
        ),
        "max_tokens_high",
        "more tokens than this model",
    ),
    (
        (
            "An error occurred (ValidationException) when calling the InvokeModel operation: Input is too long for "
            "requested "
            "model."
        ),
        "input_too_long",
        "/compact",
    ),
    (
        # anthropics/claude-code, behind gateways
        "API Error: 400 invalid beta flag",
        "beta_refused",
        "claude update",
    ),
    ("ModelNotReadyException: The model is not ready for inference requests.", "model_not_ready", "starting"),
    (
        (
            "An error occurred (ModelTimeoutException) when calling the InvokeModel operation: Model has timed out in "
            "processing the request. Try your request again."
        ),
        "model_timeout",
        "did not answer",
    ),
]


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and what is said names the cause or the way out."""
    assert told(text, phrase) == (code, phrase)


def test_the_region_and_the_model_in_use_are_named() -> None:
    """What the command knows of the region goes into the way out."""
    found = explain(SEEN[0][0], region="eu-central-1")
    assert "works from eu-central-1" in found.fix


def test_the_marketplace_statement_is_ready_to_paste() -> None:
    """The message about a missing subscription holds the statement of AWS's documentation."""
    found = explain(SEEN[6][0])
    assert '"aws-marketplace:Subscribe"' in found.admin
    assert '"aws:CalledViaLast": "bedrock.amazonaws.com"' in found.admin
