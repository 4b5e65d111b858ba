"""keeplit keeps a developer's AWS sign-in lit while Claude Code runs on Amazon Bedrock."""

__version__ = "0.1.0"
