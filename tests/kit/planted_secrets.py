"""Secrets of every kind, made anew each time: no text of this repository is one, or looks like one to a scanner.

In a template, what is between « and » is the secret; `{a36}` are 36 letters and digits, `{h32}` hexadecimal digits,
`{u26}` capitals and digits, `{b40}` letters of base64, `{w20}` letters, digits, `_` and `-`, `{d10}` digits, `{l24}`
small letters and digits, `{g}` a UUID. What is between ‹ and › in it is encoded in base64.
"""

from __future__ import annotations

import re
from base64 import b64encode
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

_ALPHABETS = {
    "a": ascii_letters + digits,
    "h": "0123456789abcdef",
    "u": ascii_uppercase + digits,
    "b": ascii_letters + digits + "+/",
    "w": ascii_letters + digits + "_-",
    "d": digits,
    "l": ascii_lowercase + digits,
    "k": ascii_uppercase[:26] + "234567",
}
_PLACE = re.compile(r"\{(?:([ahubwdlk])(\d+)|g)\}")

TOKENS = {
    "anthropic": "ANTHROPIC_API_KEY=«sk-ant-api03-{w93}AA»",
    "openai-project": 'client = OpenAI("«sk-proj-{w74}T3BlbkFJ{w74}»")',
    "openrouter": "using key «sk-or-v1-{h64}» for the model",
    "openai": "Incorrect key provided: «sk-{a20}T3BlbkFJ{a20}».",
    "perplexity": "pplx client with «pplx-{a48}»",
    "hugging-face": "login as «hf_{a34}»",
    "replicate": "replicate «r8_{a37}»",
    "groq": "groq: «gsk_{a52}»",
    "xai": "«xai-{a80}»",
    "langsmith": "tracing with «lsv2_pt_{h32}_{h10}»",
    "langfuse": "tracing with «sk-lf-{g}»",
    "tavily": "search with «tvly-{a32}»",
    "fireworks": "model host «fw_{a24}»",
    "nvidia": "nim «nvapi-{w64}»",
    "github": "remote: https://x-access-token:«ghs_{a36}»@github.com/a/b",
    "github-fine-grained": "gh auth with «github_pat_{a22}_{a59}»",
    "gitlab": "Cloning with «glpat-{w20}»",
    "gitlab-ci": "job «glcbt-{a2}_{w20}»",
    "gitlab-runner": "register «GR1348941{w20}»",
    "bitbucket": "push as «ATBB{a32}»",
    "atlassian": "jira says «ATATT3{w186}»",
    "sourcegraph": "src login «sgp_{h16}_{h40}»",
    "aws-access-key": "aws: «AKIA{k16}» is not authorized",
    "aws-bedrock": "bedrock «ABSK{b120}»",
    "google-api-key": "maps «AIza{w35}»",
    "google-oauth": "got «ya29.{w120}»",
    "google-client-secret": "oauth «GOCSPX-{w28}»",
    "azure-client-secret": "azure login '«{a3}8Q~{a34}»'",
    "alibaba": "ram user «LTAI{a20}»",
    "digitalocean": "doctl «dop_v1_{h64}»",
    "cloudflare-origin": "origin «v1.0-{h24}-{h146}»",
    "fly": "flyctl «fo1_{w43}»",
    "heroku": "heroku «HRKU-AA{w58}»",
    "databricks": "cluster «dapi{h32}»",
    "planetscale": "db «pscale_pw_{w43}»",
    "supabase": "edge «sbp_{h40}»",
    "vercel": "deploy with «vcp_{a24}»",
    "render": "deploy with «rnd_{a28}»",
    "pulumi": "stack «pul-{h40}»",
    "terraform": 'credentials "app.terraform.io" «{a14}.atlasv1.{w67}»',
    "vault": "vault «hvs.{w95}»",
    "doppler": "doppler «dp.pt.{a43}»",
    "harness": "harness «pat.{w22}.{h24}.{a20}»",
    "infracost": "infracost «ico-{a32}»",
    "prefect": "flow «pnu_{a36}»",
    "openshift": "oc login «sha256~{w43}»",
    "kubernetes-bootstrap": "kubeadm join 10.0.0.1:6443 --token «{l6}.{l16}»",
    "npm": "publish with «npm_{a36}»",
    "pypi": "twine uses «pypi-AgEIcHlwaS5vcmc{w80}»",
    "rubygems": "gem push «rubygems_{h48}»",
    "clojars": "lein deploy «CLOJARS_{l60}»",
    "crates": "cargo login «cio{a32}»",
    "nuget": "nuget push -ApiKey «oy2{l43}»",
    "docker-hub": "docker login -p «dckr_pat_{w27}»",
    "artifactory": "curl with «AKCp{a69}»",
    "circleci": "«CCIPAT_{a22}_{h40}»",
    "buildkite": "agent «bkua_{h40}»",
    "octopus": "octo «API-{u26}»",
    "sonar": "scan with «sqp_{h40}»",
}
SERVICES = {
    "stripe": "charge with «sk_live_{a24}»",
    "stripe-webhook": "endpoint «whsec_{a32}»",
    "square": "pay «sq0atp-{w22}»",
    "shopify": "shop «shpat_{h32}»",
    "flutterwave": "«FLWSECK_TEST-{h32}-X»",
    "razorpay": "order by «rzp_live_{a14}»",
    "shippo": "label «shippo_live_{h40}»",
    "easypost": "label «EZAK{a54}»",
    "duffel": "flight «duffel_live_{w43}»",
    "slack": "posting as «xoxb-{d12}-{d12}-{a24}»",
    "slack-webhook": "POST https://hooks.slack.com/services/«T{u8}/B{u8}/{a24}»",
    "teams-webhook": "POST https://acme.webhook.office.com/webhookb2/«{g}@{g}/IncomingWebhook/{h32}/{g}»",
    "discord-webhook": "POST https://discord.com/api/webhooks/«{d18}/{w68}»",
    "discord-bot": "discord bot «M{a23}.{w6}.{w38}»",
    "telegram": "getMe of bot«{d10}:A{w34}»",
    "sendgrid": "mail by «SG.{w22}.{w43}»",
    "brevo": "mail by «xkeysib-{h64}-{a16}»",
    "mailgun": "mail by «key-{h32}»",
    "mailchimp": "list by «{h32}-us12»",
    "twilio": "sms by «SK{h32}»",
    "postman": "newman «PMAK-{h24}-{h34}»",
    "typeform": "form «tfp_{w59}»",
    "grafana": "dash «glsa_{a32}_{h8}»",
    "grafana-key": "dash «eyJrIjoi{a70}»",
    "sentry": "release by «sntryu_{h64}»",
    "new-relic": "agent «NRAK-{u27}»",
    "dynatrace": "agent «dt0c01.{u24}.{u64}»",
    "posthog": "events «phx_{a43}»",
    "honeycomb": "traces «hcaik_{l58}»",
    "linear": "issue by «lin_api_{a40}»",
    "notion": "page by «ntn_{d11}{a35}»",
    "figma": "file by «figd_{w40}»",
    "readme": "docs by «rdme_{l70}»",
    "airtable": "base by «pat{a14}.{h64}»",
    "contentful": "space by «CFPAT-{w43}»",
    "asana": "tasks by «1/{d16}:{h32}»",
    "hubspot": "crm by «pat-na1-{g}»",
    "mapbox": "tiles «sk.eyJ{w60}.{w22}»",
    "launchdarkly-sdk": "flags «sdk-{h8}-{h4}-4{h3}-{h4}-{h12}»",
    "1password": "op with «ops_eyJ{b250}»",
    "1password-key": "op «A3-{u6}-{u11}-{u5}-{u5}-{u5}»",
    "age": "sops «AGE-SECRET-KEY-1{u58}»",
    "tailscale": "up «tskey-auth-{a12}-{a32}»",
    "maxmind": "geo «{a6}_{a29}_mmk»",
    "json-web-token": "session «eyJhbGciOi{a20}.eyJzdWIi{a40}.{w43}»",
    "json-web-token-encoded": "session «ZXlK{a80}»",
}
CONTEXTS = {
    "url-password": "connecting to postgres://app:«Xy{a10}»@db:5432/app",
    "authorization": "> Authorization: Basic «dX{a22}==»",
    "bearer": "sent with Bearer «q7{w40}»",
    "key-header": "x-api-key: «k9{a30}»",
    "cookie": "Cookie: «sid={a32}; theme=dark»",
    "query-signature": "GET /a?X-Amz-Date=1&X-Amz-Signature=«{h64}» 200",
    "query-key": "GET /v1?key=«z3{a30}»&page=2 200",
    "option": "+ deploy --api-key «m4{a20}» --fast",
    "curl-user": "+ curl -s -u admin:«P{a12}» https://x.example",
    "mysql-password": "+ mysql -u root -p«p8{a10}» app",
    "sshpass": "+ sshpass -p «w6{a10}» ssh root@h",
    "netrc": "machine h login bob password «v2{a10}»",
    "password-hash": "user bob $ «$2b$12${a53}»",
    "connection-string": "AccountName=a;AccountKey=«{a86}»;EndpointSuffix=core",
    "docker-auth": '{"auths": {"ghcr.io": {"auth": "«{a40}»"}}}',
    "ssh-private-key": "IdentityFile: «b3BlbnNzaC1rZXktdjEAAAAA{a60}»",
}
ENCODED = {
    "basic-credentials": "the proxy was sent Basic «‹app:P{a12}›»",
    "encoded-private-key": "  tls.pem: «‹-----BEGIN EC PRIVATE KEY-----\n{b64}\n-----END EC PRIVATE KEY-----\n›»",
    "encoded-docker-config": '  .dockerconfigjson: «‹{"auths":{"ghcr.io":{"username":"{a12}"}}}›»',
    "encoded-token": "  value: «‹ghp_{a36}›»",
}
VENDORS = {
    "adafruit-secret": "ADAFRUIT_IO_KEY=«{l32}»",
    "adobe-secret": "adobe_client: «{h32}»",
    "algolia-secret": '"algolia_admin": "«{l32}»"',
    "asana-secret": "asana_secret => «{l32}»",
    "atlassian-secret": "JIRA_API: «{l20}{h4}»",
    "beamer-secret": "beamer = «b_{w44}»",
    "bitbucket-secret": "bitbucket_client: «{l32}»",
    "bittrex-secret": "FASTLY: «{l32}»",
    "cloudflare-secret": "CLOUDFLARE_GLOBAL=«{h37}»",
    "coinbase-secret": "coinbase: «{l64}»",
    "cohere-secret": "co_api_key: «{a40}»",
    "confluent-secret": "confluent = «{a64}»",
    "datadog-secret": "DD_API: «{h32}»",
    "discord-secret": "discord = «{h64}»",
    "dropbox-secret": "dropbox: «sl.{w135}»",
    "etsy-secret": "plaid_client=«{l24}»",
    "facebook-secret": "facebook_app = «{h32}»",
    "freshbooks-secret": "freshbooks: «{l64}»",
    "heroku-secret": "heroku = «{g}»",
    "intercom-secret": "intercom: «{a60}»",
    "jfrog-secret": "artifactory: «{l73}»",
    "kraken-secret": "kraken = «{b86}»",
    "launchdarkly-secret": "launchdarkly: «{l40}»",
    "mailgun-secret": "mailgun: «{h32}-{h8}-{h8}»",
    "mattermost-secret": "mattermost = «{l26}»",
    "meraki-secret": "zendesk: «{l40}»",
    "netlify-secret": "netlify = «{w43}»",
    "okta-secret": "okta: «00{w40}»",
    "rapidapi-secret": "rapidapi = «{w50}»",
    "travis-secret": "travis: «{a22}»",
    "twitch-secret": "twitch = «{l30}»",
    "twitter-secret": "twitter: «{a50}»",
    "yandex-secret": "yandex = «AQVN{w38}»",
}
ASSIGNED = (
    "password: «x7{a8}»",
    '"password": "«x7{a8} !»"',
    '{\\"db_password\\": \\"«x7{a8}»\\"}',
    "export GITHUB_TOKEN='«t1{a30}»'",
    "PGPASSWORD=«x7{a8}» psql",
    "{'api_key': '«k2{a24}»', 'model': 'x'}",
    "aws_secret_access_key = «{b38}7z»",
    "clientSecret=«c3{a20}»",
    "//registry.npmjs.org/:_authToken=«{g}»",
    "secret_key_base: «{h64}»",
    "accessToken:«a1{w30}»",
    "refresh_token=«r1{w30}»",
    "ENCRYPTION_KEY=«{b42}9a»",
    "SESSION_SECRET=«{a32}»",
    "login failed for root with password 'x', passphrase=«p1{a12}»",
    '2026-11-30T05:22:42Z DEBUG config {"smtp":{"pass_word":1,"passwd":"«m1{a9}»"}}',
    "STRIPE_KEY=«{a30}7»",
    "private_token: «{w20}1»",
    "GET /cb?state=1&access_token=«{w40}1»&x=1",
    'password = "«correct horse {l6} battery»"',
    "sudo: pwd=«hunter{d3}»",
    "credentials: «{a24}8»",
)


def planted(template: str, random: Random) -> tuple[str, str]:
    """(line, the secret in it)."""

    def filled(match: re.Match[str]) -> str:
        if match[1] is None:
            return "-".join("".join(random.choices("0123456789abcdef", k=size)) for size in (8, 4, 4, 4, 12))
        while True:
            text = "".join(random.choices(_ALPHABETS[match[1]], k=int(match[2])))
            short = int(match[2]) < 12 or match[1] == "d"
            if text[-1] not in "_-" and (short or any(letter in digits for letter in text)):
                return text

    line = _PLACE.sub(filled, template)
    before, _, rest = line.partition("«")
    secret, _, after = rest.partition("»")
    if secret.startswith("‹"):
        secret = b64encode(secret.strip("‹›").encode()).decode()
    return before + secret + after, secret


EVERY = {**TOKENS, **SERVICES, **CONTEXTS, **ENCODED, **VENDORS}
"""Template by the name of the rule that has to find it."""
