from __future__ import annotations

from keeplit.core.explain import explain
from tests.core.seen_texts import each, told

SEEN = [
    (
        # aws/aws-sam-cli #2129
        (
            "botocore.exceptions.ClientError: An error occurred (ForbiddenException) when calling the "
            "GetRoleCredentials "
            "operation: No access"
        ),
        "role_forbidden",
        "signing in again does not help",
    ),
    (
        (
            "An error occurred (TooManyRequestsException) when calling the GetRoleCredentials operation: HTTP 429 "
            "Unknown Code"
        ),
        "portal_throttled",
        "loop",
    ),
    (
        # botocore.exceptions.PendingAuthorizationExpiredError, in its own words
        (
            "The pending authorization to retrieve an SSO token has expired. The device authorization flow to "
            "retrieve an SSO "
            "token must be restarted."
        ),
        "code_expired",
        "ten minutes",
    ),
    (
        "An error occurred (AccessDeniedException) when calling the CreateToken operation: Access denied",
        "sign_in_denied",
        "Deny",
    ),
    (
        # botocore.exceptions.TokenRetrievalError, in its own words
        "Error when retrieving token from sso: Token has expired and refresh failed",
        "session_over",
        "limits how long a sign-in lasts",
    ),
    (
        # aws/aws-cli #5058
        '{"error":"invalid_grant","error_description":"Invalid grant provided"}',
        "session_over",
        "sso_region",
    ),
    (
        "An error occurred (InvalidGrantException) when calling the CreateToken operation: ",
        "session_over",
        "keeplit login",
    ),
    (
        # theurichde/go-aws-sso #150
        (
            '\u2190[31mFATAL\u2190[0m Something went wrong: "InvalidClientException: \\n{\\n  RespMetadata: {\\n '
            "   StatusCode: "
            '401,\\n    RequestID: \\"8a512de1-7222-409e-8389-9eeee6ef5dbe\\"\\n  },\\n  Error_: \\"invalid_client\\"}'
        ),
        "registration_dead",
        "90 days",
    ),
    (
        "An error occurred (UnauthorizedClientException) when calling the CreateToken operation: ",
        "registration_dead",
        "registers anew",
    ),
    (
        # synfinatic/aws-sso-cli #1359
        (
            "registerClient: operation error SSO OIDC: RegisterClient, https response error StatusCode: 400, "
            "InvalidScopeException: "
        ),
        "sign_in_region_wrong",
        "sso_region",
    ),
    (
        "An error occurred (InvalidRequestException) when calling the StartDeviceAuthorization operation: ",
        "sign_in_region_wrong",
        "access portal",
    ),
    (
        # botocore.exceptions.SSOTokenLoadError, in its own words
        "Error loading SSO Token: Token for https://d-1234567890.awsapps.com/start does not exist",
        "token_missing",
        "no sign-in",
    ),
    (
        # aws-sdk-js-v3, credential-provider-sso
        (
            "CredentialsProviderError: The SSO session token associated with profile=work was not found or is "
            "invalid. To "
            "refresh this SSO session run 'aws sso login' with the corresponding profile."
        ),
        "token_missing",
        "keeplit login",
    ),
    (
        # anthropics/claude-code #849
        (
            'Claude frequently fails with "API Error: The SSO session associated with this profile has expired. '
            "To refresh "
            'this SSO session run aws sso login with the corresponding profile."'
        ),
        "token_expired",
        "keeplit login",
    ),
    (
        # anthropics/claude-code #76701
        '"API Error: UnauthorizedException: Session token not found or invalid"',
        "token_expired",
        "2.1.207",
    ),
    ("'2b829b0ac0b3c2ba0d1ea2ecb2e9ec9a6d4e6e5b'", "registration_file_broken", "deletes the broken file"),
    (
        # anomalyco/opencode #47073
        'Forbidden: {"Message":"Authentication failed: Please make sure your API Key is valid."}',
        "api_key_invalid",
        "AWS_BEARER_TOKEN_BEDROCK",
    ),
    (
        # convox/rack #235
        (
            "Build Error: SignatureDoesNotMatch: Signature expired: 20151221T200419Z is now earlier than "
            "20151221T201450Z "
            "(20151221T201950Z - 5 min.)"
        ),
        "clock_skew",
        "clock",
    ),
    (
        # aws/aws-sdk-js #2565
        (
            "`InvalidSignatureException: Signature not yet current: 20190305T002809Z is still later than "
            "20190304T214315Z "
            "(20190304T212815Z + 15 min.)`"
        ),
        "clock_skew",
        "WSL",
    ),
    (
        (
            "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request "
            "signature we "
            "calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
        ),
        "signature_wrong",
        "do not belong together",
    ),
    (
        (
            "An error occurred (OptInRequired) when calling the ListInferenceProfiles operation: You are not "
            "subscribed to "
            "this service. Please go to http://aws.amazon.com to subscribe."
        ),
        "region_not_enabled",
        "opts in",
    ),
    (
        # anthropics/claude-code #67529
        "\u23fa Please run /login \u00b7 API Error: 401 The security token included in the request is expired",
        "credentials_expired",
        "role credentials",
    ),
    (
        (
            "An error occurred (ExpiredTokenException) when calling the InvokeModel operation: The security token "
            "included in "
            "the request is expired"
        ),
        "credentials_expired",
        "keeplit login",
    ),
    (
        # anthropics/claude-code #2260
        "API Error: 403 The security token included in the request is invalid.",
        "credentials_invalid",
        "old keys",
    ),
    (
        # botocore.exceptions.LoginRefreshRequired, in its own words
        "Your session has expired or credentials have changed. Please reauthenticate using 'aws login'.",
        "console_login_over",
        "aws login",
    ),
    (
        # botocore.exceptions.PartialCredentialsError, in its own words
        "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY",
        "credentials_partial",
        "Half",
    ),
    ("OAuth token has expired. Please run /login", "not_on_bedrock", "CLAUDE_CODE_USE_BEDROCK"),
    (
        # aws/aws-cli #10613
        (
            "An error occurred (ValidationException) when calling the CreateOAuth2Token operation: The provided "
            "authorization grant is invalid, expired, revoked, or malformed"
        ),
        "console_login_over",
        "aws login",
    ),
    (
        # botocore.exceptions.NoCredentialsError, as AWS CLI 2.9.19 ends it
        'Unable to locate credentials. You can configure credentials by running "aws configure".',
        "credentials_missing",
        "keeplit setup",
    ),
    (
        # cline/cline #1772
        "Its giving a error - Could not load credentials from any providers",
        "credentials_missing",
        "no sign-in",
    ),
]


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and what is said names the cause or the way out."""
    assert told(text, phrase) == (code, phrase)


def test_the_profile_in_use_is_signed_in() -> None:
    """The way out names the profile, quoted for a shell."""
    assert explain(SEEN[4][0], profile="my work").fix == "keeplit login --profile='my work'"
