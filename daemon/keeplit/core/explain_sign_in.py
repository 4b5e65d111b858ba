"""The errors of signing in and of credentials: of IAM Identity Center, its token cache, and STS. Pure.

Law: precise before general; what says that a sign-in is over comes before what merely says that credentials are.
"""

from keeplit.core.explain_rule import rule

RULES = (
    rule(
        "role_forbidden",
        r"ForbiddenException[^.]{0,80}(?:GetRoleCredentials|No access)|GetRoleCredentials operation: No access"
        r"|ForbiddenException: No access",
        "You are signed in, but this role is not assigned to you",
        "The portal knows you and gives you no such role in this account; signing in again does not help.",
        "compare sso_account_id and sso_role_name with your access portal (keeplit profiles), or ask for the "
        "assignment",
        admin="assign me to this permission set in this account (IAM Identity Center, AWS accounts)",
    ),
    rule(
        "portal_throttled",
        r"(?:TooManyRequests|SlowDown)Exception[^.]{0,60}(?:GetRoleCredentials|CreateToken|ListAccount)",
        "The access portal asks to slow down",
        "Too many tools ask for tokens or credentials at the same time; often a loop of `aws sso login`.",
        "wait a minute, and let one program renew for all: keeplit status shows whether keeplit does",
    ),
    rule(
        "code_expired",
        r"pending authorization to retrieve an SSO token has expired|device (?:code|authorization) (?:has )?expired"
        r"|ExpiredTokenException[^.]{0,60}CreateToken",
        "The code of this sign-in has expired",
        "A sign-in must be finished in the browser within ten minutes.",
        "{login}",
    ),
    rule(
        "sign_in_denied",
        r"AccessDeniedException[^.]{0,60}(?:CreateToken|StartDeviceAuthorization)|access_denied",
        "The sign-in was refused",
        "Somebody pressed 'Deny' in the browser, or a policy of IAM Identity Center refuses this application.",
        "{login}",
        admin="look in IAM Identity Center whether my user may sign in, and whether device or PKCE sign-ins are "
        "blocked",
    ),
    rule(
        "not_on_bedrock",
        r"OAuth token (?:has )?(?:been )?(?:expired|revoked)|Invalid API key|OAuth authentication is currently not"
        r"|Credit balance is too low|API Usage Billing",
        "Claude Code talks to Anthropic's own service, not to Bedrock",
        "Such an answer never comes from AWS: CLAUDE_CODE_USE_BEDROCK is missing, off, or set elsewhere.",
        "keeplit use --profile NAME (it switches Bedrock on), then a new session of Claude Code",
    ),
    rule(
        "console_login_over",
        r"reauthenticate using 'aws login'|Error loading login session token|CreateOAuth2Token"
        r"|login authorization code",
        "The `aws login` session is over",
        "This profile uses the console's sign-in, which keeplit does not renew.",
        "aws login (or give the profile an sso-session: keeplit setup)",
    ),
    rule(
        "session_over",
        r"InvalidGrantException|invalid_grant|Invalid grant provided|authorization grant is invalid"
        r"|Token has expired and refresh failed|refreshed? (?:the )?token(?: has)? failed|SSO OIDC: CreateToken",
        "The sign-in session is over",
        "IAM Identity Center gives no new token for it: your organisation limits how long a sign-in lasts (8 hours "
        "unless it says otherwise). A wrong sso_region looks the same.",
        "{login}",
        admin="the length of a sign-in is set in IAM Identity Center, Settings, Session duration (up to 90 days)",
    ),
    rule(
        "registration_dead",
        r"InvalidClientException|UnauthorizedClientException|invalid_client|unauthorized_client"
        r"|Invalid client provided",
        "The client registration has ended",
        "AWS tools register themselves for about 90 days; after that no token is renewed with the old registration.",
        "{login} (it registers anew)",
    ),
    rule(
        "sign_in_region_wrong",
        r"InvalidRequestException[^.]{0,80}(?:RegisterClient|StartDeviceAuthorization|CreateToken)"
        r"|(?:RegisterClient|StartDeviceAuthorization|CreateToken)[^.]{0,120}InvalidRequestException"
        r"|InvalidScopeException",
        "The sign-in settings do not fit the access portal",
        "sso_region or sso_start_url of the [sso-session] is wrong: the region is the portal's own, not Bedrock's.",
        "correct both as the portal shows them under 'Access keys', then: {login}",
    ),
    rule(
        "token_missing",
        r"Error loading SSO Token: Token for .{1,200}? (?:does not exist|is invalid)|Unable to load SSO token"
        r"|SSO session token associated with profile=.{1,64}? was not found"
        r"|SSO session associated with this profile is invalid|Token for .{1,200}? does not exist"
        r"|Unable to locate authorization token",
        "There is no sign-in for this profile",
        "The token cache holds no token for its sso-session.",
        "{login}",
    ),
    rule(
        "token_expired",
        r"SSO session (?:associated with this profile )?has expired|Error loading SSO Token"
        r"|Token is expired\. To refresh"
        r"|UnauthorizedException[^.]{0,80}Session token not found or invalid|Session token not found or invalid"
        r"|access token is expired|SSO token (?:has |is )?expired|UnauthorizedSSOTokenError|UnauthorizedException",
        "The sign-in's token is dead",
        "The portal does not accept the access token any more; it can end before its time. (Claude Code 2.1.207 says "
        "so too where sso_region differs from Bedrock's region: update it.)",
        "{login}",
    ),
    rule(
        "registration_file_broken",
        r"^'?[0-9a-f]{40}'?$",
        "A file of the SSO cache is empty or broken",
        "AWS tools stop at an unreadable client registration, with no word but its name.",
        "{login} (it deletes the broken file and registers anew)",
    ),
    rule(
        "api_key_invalid",
        r"make sure your API Key is valid|Bearer Token (?:has expired|is invalid)|Invalid bearer token"
        r"|invalid_api_key|API key (?:has )?expired|bedrock:CallWithBearerToken",
        "The Bedrock API key is refused",
        "AWS_BEARER_TOKEN_BEDROCK is set and goes before every profile; the key has ended, or belongs to another "
        "region.",
        "remove AWS_BEARER_TOKEN_BEDROCK from your shell and from `env` in ~/.claude/settings.json, then: {login}",
    ),
    rule(
        "clock_skew",
        r"Signature expired|Signature not yet current|RequestTimeTooSkewed|RequestExpired|is now earlier than"
        r"|is still later than|difference between the request time and the (?:server|current) time",
        "This machine's clock is wrong",
        "AWS refuses requests that are signed more than 5 minutes beside its own time; after sleep, WSL is often late.",
        "let the system set the time (Linux: timedatectl set-ntp true; WSL: wsl --shutdown in Windows), then try again",
    ),
    rule(
        "signature_wrong",
        r"SignatureDoesNotMatch|InvalidSignatureException|request signature we calculated does not match"
        r"|IncompleteSignature",
        "The request's signature is wrong",
        "Secret key and key id do not belong together, or a proxy or gateway changed the request on its way.",
        "keeplit doctor (it names keys that beat the profile, and proxies)",
    ),
    rule(
        "region_not_enabled",
        r"OptInRequired|region (?:is )?(?:not|n't) (?:enabled|opted)|not subscribed to this service"
        r"|is not enabled in (?:this )?region|must (?:be enabled|opt in)",
        "The region is not switched on for this account",
        "Newer regions of AWS are off until somebody opts in.",
        "choose another: keeplit models --where sonnet, then keeplit use --region REGION",
        admin="switch the region on for the account (AWS console, Account, AWS Regions), or say which one to use",
    ),
    rule(
        "credentials_expired",
        r"security token included in the request is expired|ExpiredToken(?:Exception)?|token (?:has|is) expired"
        r"|credentials (?:have|were refreshed, but the refreshed credentials are still|are) expired|Token expired"
        r"|AuthenticationExpired",
        "The role credentials have ended",
        "They last 1 to 12 hours; Claude Code fetches new ones by itself where awsAuthRefresh is set.",
        "{login} (it takes new ones, and opens a browser only if it must)",
    ),
    rule(
        "credentials_invalid",
        r"security token included in the request is invalid|InvalidClientTokenId|UnrecognizedClientException"
        r"|InvalidAccessKeyId|AuthFailure|Access Key Id you provided does not exist",
        "AWS does not know the credentials that were sent",
        "Mostly old keys from the environment or ~/.aws/credentials that beat the SSO profile; else a region that is "
        "not switched on, or another AWS (GovCloud, China).",
        "keeplit doctor (it names the variable, file and line that sets them)",
    ),
    rule(
        "credentials_partial",
        r"Partial credentials found",
        "Half of an access key is set",
        "One of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is there without the other, and stops every AWS tool.",
        "unset both, in the shell and in ~/.aws/credentials; keeplit doctor shows where they are set",
    ),
    rule(
        "credentials_missing",
        r"Unable to locate credentials|Could not load credentials from any providers|NoCredentialProviders"
        r"|CredentialsProviderError|no valid providers in chain|Missing credentials in config"
        r"|failed to (?:refresh cached|retrieve) credentials",
        "No credentials were found",
        "No profile is named, or the named one has no sign-in.",
        "{login} (nothing set up yet: keeplit setup)",
    ),
)
