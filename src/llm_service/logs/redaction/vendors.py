"""Secrets without a beginning of their own, known by the name in front of them: `DATADOG_API_KEY=<32 digits>`.

`VENDORS`: name (as an expression) -> what its secrets are. A name counts with up to 20 characters behind it and one of
`= : => :=`.
"""

from __future__ import annotations

from .rule import Rule, has_mixed

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
VENDORS = {
    "adafruit": "[0-9a-z_-]{32}",
    "adobe": "[0-9a-f]{32}",
    "algolia": "[0-9a-z]{32}",
    "asana": "[0-9a-z]{32}",
    "atlassian|confluence|jira": "[0-9a-z]{24}",
    "beamer": r"b_[\w=-]{44}",
    "bitbucket": r"[\w=-]{32,64}",
    "bittrex|fastly|flickr|codecov|droneci|nytimes": "[0-9a-z_-]{32}",
    "cloudflare": "[0-9a-z_-]{37,40}",
    "coinbase": "[0-9a-z_-]{64}",
    "cohere|co_api_key": "[0-9A-Za-z]{40}",
    "confluent": "[0-9A-Za-z/+]{64}",
    "datadog|dd_api|dd_app": "[0-9a-f]{32,40}",
    "discord": "[0-9a-f]{64}",
    "dropbox": r"(?:sl\.[\w=-]{60,}|[0-9a-z]{11}AAAAAAAAAA[\w=-]{43})",
    "etsy|plaid|kucoin": "[0-9a-z]{24,30}",
    "facebook|finicity": "[0-9a-f]{32}",
    "freshbooks|sumologic": "[0-9a-z]{64}",
    "heroku|sendbird|squarespace|snyk|messagebird": _UUID,
    "intercom": r"[\w=-]{60}",
    "jfrog|artifactory|bintray": "[0-9a-z]{64,73}",
    "kraken": r"[\w/=+-]{80,90}",
    "launchdarkly|gitter|gocardless": r"[\w=-]{40}",
    "mailgun": "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}",
    "mattermost": "[0-9a-z]{26}",
    "meraki|sourcegraph|zendesk": "[0-9a-z]{40}",
    "netlify": r"[\w=-]{40,46}",
    "okta": r"00[\w=-]{40}",
    "rapidapi": r"[\w-]{50}",
    "travis": "[0-9A-Za-z_-]{22}",
    "twitch": "[0-9a-z]{30}",
    "twitter": "[0-9A-Za-z%]{25,115}",
    "yandex": r"(?:t1\.|AQVN|YC)[\w.=-]{35,}",
}


def _rule(names: str, secret: str) -> Rule:
    return Rule(
        f"{names.partition('|')[0]}-secret",
        rf"(?i:{names})[\w .-]{{0,20}}[\"'\\\s\]]{{0,4}}(?:=>|:=|=|:)[\s\"'`\\]{{0,4}}({secret})(?:[^\w=+/-]|$)",
        tuple(names.split("|")),
        has_mixed,
    )


VENDOR_RULES: tuple[Rule, ...] = tuple(_rule(names, secret) for names, secret in VENDORS.items())
