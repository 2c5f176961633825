"""Secrets known by where they are: in URLs, headers, command lines and files of credentials."""

from __future__ import annotations

from .plausible import is_placeholder, is_secret_of_name, is_word
from .rule import Rule

_SEPARATOR = r"[\"'\\\]]{0,3}\s{0,2}[:=]\s{0,2}[\"'\\]{0,3}"
"""Between a header and its value, in HTTP, JSON, Python and YAML."""
_SCHEME = r"(?i:(?:basic|bearer|token|apikey|digest|negotiate|aws4-hmac-sha256|key)\s+)?"
_KEY_HEADER = (
    r"(?i:x-(?:[a-z]+-)?(?:api-?key|auth-?token|access-?token|auth|token|secret)|api-key|private-token|job-token"
    r"|x-goog-api-key)"
)
_QUERY_SIGNATURE = r"(?i:x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|signature|sig)"
_QUERY_KEY = r"(?i:key|api_?key|access_token|auth|auth_token|token|code|client_secret)"
_OPTION = r"(?i:[\w-]*(?:password|passwd|passphrase|secret|token|api-?key|access-?key|auth-?key)[\w-]*)"
_CONNECTION = r"(?i:accountkey|sharedaccesskey|sharedsecret|sharedaccesssignature|password|pwd)"


def _is_password(_: bytes, secret: bytes) -> bool:
    return len(secret) >= 3 and not is_placeholder(secret)


def _is_credential(_: bytes, secret: bytes) -> bool:
    return len(secret) >= 8 and not is_placeholder(secret) and not is_word(secret)


CONTEXTS: tuple[Rule, ...] = (
    Rule(
        "url-password",
        r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:([^\s/\"'<>]{1,200})@",
        ("://",),
        _is_password,
        hint=r"://[^\s/:@\"'<>]*:[^\s/\"'<>]+@",
    ),
    Rule(
        "authorization",
        rf"(?i:authorization){_SEPARATOR}{_SCHEME}([^\s\"'\\,;<>]{{6,}}(?:,?\s+[\w-]+=[^\s\"'\\]+)*)",
        ("authorization",),
        _is_credential,
    ),
    Rule("bearer", r"\b(?i:bearer)\s+([0-9A-Za-z._~+/-]{16,}=*)", ("bearer",), _is_credential),
    Rule(
        "key-header",
        rf"{_KEY_HEADER}{_SEPARATOR}([^\s\"'\\,;<>]{{8,}})",
        ("x-", "api-key", "private-token", "job-token"),
        _is_credential,
    ),
    Rule(
        "cookie", r"\b(?i:set-cookie|cookie)[\"'\\]{0,3}:\s{0,2}[\"'\\]{0,3}([\w.$-]{1,60}=[^\"'\\]{6,})", ("cookie",)
    ),
    Rule(
        "query-signature",
        rf"[?&]{_QUERY_SIGNATURE}=([0-9A-Za-z%+/=_.-]{{20,}})",
        ("signature=", "sig=", "credential=", "token="),
    ),
    Rule(
        "query-key",
        rf"[?&]{_QUERY_KEY}=([^\s&\"'\\<>#]{{12,}})",
        ("key=", "token=", "auth=", "code=", "secret="),
        _is_credential,
    ),
    Rule(
        "option",
        rf"(?:^|[\s\"'\[])--?{_OPTION}(?:\s+|[\"'],\s?)[\"'\\]{{0,2}}([^\s\"'\\-][^\s\"'\\]{{3,}})",
        ("password", "passwd", "passphrase", "secret", "token", "key"),
        is_secret_of_name,
    ),
    Rule(
        "curl-user",
        r"\bcurl\b.*\s(?:-u|--user)[ =]{0,3}[\"'\\]{0,2}[^\s:\"']{1,100}:([^\s\"'\\]{3,})",
        ("curl",),
        _is_password,
    ),
    Rule(
        "mysql-password",
        r"\b(?:mysql|mysqldump|mariadb|mysqladmin)\b.*\s-p([^\s\"']{4,})",
        ("mysql", "mariadb"),
        _is_password,
    ),
    Rule("sshpass", r"\bsshpass\s+-p\s*[\"']?([^\s\"']{3,})", ("sshpass",), _is_password),
    Rule("netrc", r"\blogin\s+\S+\s+password\s+([^\s\"'\\]{3,})", ("login",), _is_password),
    Rule(
        "password-hash",
        r"(\$(?:2[aby]|apr1|5|6|y|argon2id?)\$[0-9A-Za-z./$,=]{20,})",
        ("$2", "$apr1$", "$5$", "$6$", "$y$", "$argon2"),
    ),
    Rule(
        "connection-string",
        rf"\b{_CONNECTION}=([^;\s\"']{{4,}});",
        ("accountkey", "sharedaccess", "sharedsecret", "password", "pwd"),
        _is_password,
    ),
    Rule("docker-auth", r"\\?\"auth\\?\"\s*:\s*\\?\"([0-9A-Za-z+/]{12,}={0,2})\\?\"", ('"auth',)),
    Rule("ssh-private-key", r"\b(b3BlbnNzaC1rZXktdjE[0-9A-Za-z+/=]{20,})", ("b3blbnnzac1rzxktdje",)),
)
