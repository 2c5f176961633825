"""Tokens that say by their beginning what they are: code hosts, models, clouds, package registries."""

from __future__ import annotations

from .rule import Rule, has_mixed, token

_WORD = "[0-9A-Za-z_-]"
_ALNUM = "[0-9A-Za-z]"
_HEX = "[0-9a-fA-F]"

TOKENS: tuple[Rule, ...] = (
    # models
    token("anthropic", "sk-ant-", rest=_WORD + "{20,}"),
    token("openai-project", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-", rest=_WORD + "{20,}"),
    token("openrouter", "sk-or-v1-", rest=_HEX + "{32,}"),
    Rule("openai", rf"\b(sk-{_ALNUM}{{20,}})", ("sk-",), has_mixed),
    token("perplexity", "pplx-", rest=_ALNUM + "{32,}"),
    token("hugging-face", "hf_", "api_org_", rest=_ALNUM + "{30,}"),
    token("replicate", "r8_", rest=_ALNUM + "{30,}"),
    token("groq", "gsk_", rest=_ALNUM + "{40,}"),
    token("xai", "xai-", rest=_ALNUM + "{60,}"),
    token("langsmith", "lsv2_pt_", "lsv2_sk_", rest=_HEX + "{32}_" + _HEX + "{10}"),
    token("langfuse", "sk-lf-", rest="[0-9a-f-]{36}"),
    token("tavily", "tvly-", rest=_WORD + "{28,}"),
    token("fireworks", "fw_", rest=_ALNUM + "{22,}"),
    token("nvidia", "nvapi-", rest=_WORD + "{60,}"),
    # code hosts
    token("github", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", rest=_ALNUM + "{36,}", before=""),
    token("github-fine-grained", "github_pat_", rest=r"\w{50,}", before=""),
    token("gitlab", "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glffct-", rest=r"[\w.-]{20,}", before=""),
    token("gitlab-ci", "glcbt-", "glptt-", "glimt-", "glagent-", "gloas-", rest=r"[\w-]{20,}", before=""),
    token("gitlab-runner", "GR1348941", rest=r"[\w-]{20}", before=""),
    token("bitbucket", "ATBB", rest=_ALNUM + "{28,}"),
    token("atlassian", "ATATT3", "ATCTT3", rest=r"[\w=-]{60,}"),
    token("sourcegraph", "sgp_", rest=r"(?:(?:[0-9a-fA-F]{16}|local)_)?" + _HEX + "{40}"),
    # clouds
    Rule(
        "aws-access-key",
        r"\b((?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b",
        ("a3t", "akia", "asia", "abia", "acca"),
    ),
    token("aws-bedrock", "ABSK", rest=r"[A-Za-z0-9+/]{100,}={0,2}"),
    token("google-api-key", "AIza", rest=_WORD + "{35}"),
    token("google-oauth", "ya29.", rest=_WORD + "{30,}"),
    token("google-client-secret", "GOCSPX-", rest=_WORD + "{28}"),
    Rule(
        "azure-client-secret",
        r"(?:^|[^\w~.-])([0-9A-Za-z_~.]{3}\dQ~[0-9A-Za-z_~.-]{31,34})",
        ("q~",),
        hint=r"Q~[0-9A-Za-z_~.-]{31}",
    ),
    token("alibaba", "LTAI", rest=_ALNUM + "{17,21}"),
    token("digitalocean", "dop_v1_", "doo_v1_", "dor_v1_", rest=_HEX + "{64}"),
    token("cloudflare-origin", "v1.0-", rest="[0-9a-f]{24}-[0-9a-f]{100,}"),
    token("fly", "fo1_", "fm1r_", "fm1a_", "fm2_", rest=r"[\w+/=-]{40,}"),
    token("heroku", "HRKU-AA", rest=_WORD + "{50,}"),
    token("databricks", "dapi", rest="[0-9a-f]{32}"),
    token("planetscale", "pscale_tkn_", "pscale_oauth_", "pscale_pw_", rest=r"[\w=.-]{32,}"),
    token("supabase", "sbp_", "sb_secret_", rest=r"[\w-]{20,}"),
    token("vercel", "vcp_", "vck_", rest=_ALNUM + "{24,}"),
    token("render", "rnd_", rest=_ALNUM + "{28,}"),
    token("pulumi", "pul-", rest="[0-9a-f]{40}"),
    Rule("terraform", r"\b([0-9A-Za-z]{14}\.atlasv1\.[\w=-]{60,})", ("atlasv1",), hint=r"\.atlasv1\."),
    token("vault", "hvs.", "hvb.", "hvr.", rest=_WORD + "{24,}"),
    token("doppler", "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", rest=r"[\w.]{40,}"),
    Rule("harness", r"\b((?:pat|sat)\.[\w-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20})", ("pat.", "sat.")),
    token("infracost", "ico-", rest=_ALNUM + "{32}"),
    token("prefect", "pnu_", "pnb_", rest=_ALNUM + "{36}"),
    token("openshift", "sha256~", rest=_WORD + "{43}"),
    Rule("kubernetes-bootstrap", r"--token[ =]([a-z0-9]{6}\.[a-z0-9]{16})\b", ("--token",)),
    # package registries and build services
    token("npm", "npm_", rest=_ALNUM + "{36}"),
    token("pypi", "pypi-AgE", rest=_WORD + "{50,}", before=""),
    token("rubygems", "rubygems_", rest="[0-9a-f]{48}"),
    token("clojars", "CLOJARS_", rest="[0-9A-Za-z]{60}"),
    token("crates", "cio", rest=_ALNUM + "{32}"),
    token("nuget", "oy2", rest="[a-z0-9]{43}"),
    token("docker-hub", "dckr_pat_", "dckr_oat_", rest=_WORD + "{27,}"),
    token("artifactory", "AKCp", "cmVmd", rest=_ALNUM + "{59,}"),
    token("circleci", "CCIPAT_", rest=r"\w{22}_[0-9a-f]{40}"),
    token("buildkite", "bkua_", rest="[0-9a-f]{40}"),
    token("octopus", "API-", rest="[A-Z0-9]{26}"),
    token("sonar", "sqp_", "squ_", "sqa_", rest="[0-9a-f]{40}"),
)
