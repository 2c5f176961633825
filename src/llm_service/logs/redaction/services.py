"""Tokens that say by their beginning what they are: payment, messages, monitoring and other services."""

from __future__ import annotations

from .rule import Rule, token

_WORD = "[0-9A-Za-z_-]"
_ALNUM = "[0-9A-Za-z]"
_HEX = "[0-9a-fA-F]"

SERVICES: tuple[Rule, ...] = (
    # payment and shops
    token(
        "stripe",
        *(f"{kind}_{mode}_" for kind in ("sk", "rk", "whsec") for mode in ("test", "live", "prod")),
        rest=_ALNUM + "{10,}",
    ),
    token("stripe-webhook", "whsec_", rest="[0-9A-Za-z+/]{32,}"),
    token("square", "sq0atp-", "sq0csp-", "EAAAE", rest=_WORD + "{22,}"),
    token("shopify", "shpat_", "shpca_", "shppa_", "shpss_", rest=_HEX + "{32}"),
    token("flutterwave", "FLWSECK_TEST-", "FLWSECK-", rest="[0-9a-h]{12,}(?:-X)?"),
    token("razorpay", "rzp_live_", "rzp_test_", rest=_ALNUM + "{14}"),
    token("shippo", "shippo_live_", "shippo_test_", rest=_HEX + "{40}"),
    token("easypost", "EZAK", "EZTK", rest=_ALNUM + "{54}"),
    token("duffel", "duffel_test_", "duffel_live_", rest=r"[\w=-]{43}"),
    # messages and mail
    token(
        "slack",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xoxr-",
        "xoxs-",
        "xoxo-",
        "xoxe-",
        "xoxe.xoxp-",
        "xoxe.xoxb-",
        "xapp-",
        rest="[0-9A-Za-z-]{10,}",
    ),
    Rule(
        "slack-webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/([0-9A-Za-z+/]{20,})", ("hooks.slack.com",)
    ),
    Rule("teams-webhook", r"\.webhook\.office\.com/webhookb2/([0-9a-zA-Z@/-]{40,})", ("webhook.office.com",)),
    Rule("discord-webhook", r"discord(?:app)?\.com/api/webhooks/(\d+/[\w-]{40,})", ("api/webhooks",)),
    Rule(
        "discord-bot",
        r"\b([MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,40})",
        ("discord", "bot ", "token"),
        hint=r"\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27}",
    ),
    Rule("telegram", r"(?:\bbot|\b)(\d{8,10}:A[0-9A-Za-z_-]{34})", (":a",), hint=":A[0-9A-Za-z_-]{34}"),
    token("sendgrid", "SG.", rest=r"[\w-]{16,32}\.[\w-]{30,64}"),
    token("brevo", "xkeysib-", "xsmtpsib-", rest="[0-9a-f]{64}-[0-9A-Za-z]{16}"),
    Rule("mailgun", r"\b(key-[0-9a-f]{32})\b", ("key-",)),
    Rule("mailchimp", r"\b([0-9a-f]{32}-us\d{1,2})\b", ("-us",), hint=r"-us\d{1,2}\b"),
    Rule("twilio", r"\b(SK[0-9a-f]{32})\b", ("sk",)),
    token("postman", "PMAK-", rest="[0-9a-f]{24}-[0-9a-f]{34}"),
    token("typeform", "tfp_", rest=r"[\w.=-]{40,}"),
    # monitoring
    token("grafana", "glc_", "glsa_", rest=r"[\w+/=]{32,}"),
    Rule("grafana-key", r"\b(eyJrIjoi[0-9A-Za-z]{60,}={0,2})", ("eyjrijoi",)),
    token("sentry", "sntrys_", "sntryu_", rest=r"[\w+/=]{40,}"),
    token("new-relic", "NRAK-", "NRII-", "NRJS-", "NRAA-", rest="[0-9A-Za-z-]{19,}"),
    token("dynatrace", "dt0c01.", "dt0s16.", rest=r"[0-9A-Z]{24}\.[0-9A-Z]{64}"),
    token("posthog", "phx_", rest=_ALNUM + "{40,}"),
    token("honeycomb", "hcaik_", "hcalk_", "hcbik_", rest=_ALNUM + "{50,}"),
    # work and documents
    token("linear", "lin_api_", "lin_oauth_", rest=_ALNUM + "{40,}"),
    token("notion", "ntn_", rest=_ALNUM + "{40,}"),
    token("figma", "figd_", "figu_", rest=_WORD + "{38,}"),
    token("readme", "rdme_", rest="[0-9a-z]{70}"),
    Rule("airtable", r"\b(pat[0-9A-Za-z]{14}\.[0-9a-f]{64})\b", ("pat",)),
    token("contentful", "CFPAT-", rest=_WORD + "{40,}"),
    token("asana", "1/", rest=r"\d{14,20}:[0-9a-f]{32}"),
    token("hubspot", "pat-na1-", "pat-na2-", "pat-eu1-", rest="[0-9a-f-]{36}"),
    token("mapbox", "sk.eyJ", rest=r"[\w-]{40,}\.[\w-]{20,}"),
    token("launchdarkly-sdk", "api-", "sdk-", rest="[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
    # identities and keys
    token("1password", "ops_eyJ", rest="[0-9A-Za-z+/]{50,}={0,3}"),
    Rule(
        "1password-key", r"\b(A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3})\b", ("a3-",)
    ),
    token("age", "AGE-SECRET-KEY-1", rest="[0-9A-Z]{58}"),
    token("tailscale", "tskey-api-", "tskey-auth-", "tskey-client-", rest=r"\w+-[0-9A-Za-z]{10,}"),
    Rule("maxmind", r"\b([0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk)\b", ("_mmk",), hint="_mmk"),
    Rule("json-web-token", r"(eyJ[\w-]{10,}\.eyJ[\w-]{10,}(?:\.[\w-]{5,})?)", ("eyj",)),
    Rule("json-web-token-encoded", r"\b(ZXlK[0-9A-Za-z+/]{60,}={0,2})", ("zxlk",)),
)
