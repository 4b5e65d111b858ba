"""An Identity Center, STS and Bedrock of our own on 127.0.0.1."""
