"""Models and providers as agents write them -> the names under which a price list may know them.

Names are only taken apart, never guessed: what is cut off (a route, a provider, a region, the `[1m]` of Claude Code)
says where a model is served, not which one it is. A name that remains unknown has no price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = re.compile(r"<.*>")
"""`<synthetic>`: what Claude Code writes for messages that no model made."""

_BRACKET = re.compile(r"\s*\[[^\[\]]*\]$")
_ROUTES = re.compile(r"^(?:.*/)?(?:models|deployments|inference-profile|foundation-model)/(?=[^/]+$)")
_AWS = re.compile(
    r"arn:aws[a-z-]*:bedrock:"
    r"|(?:(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|global)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|stability|writer"
    r"|zai)\.[a-z]"
)
_DASHED_VERSION = re.compile(r"(?<=[a-z]-\d)-(?=\d(?!\d))")

LOCAL = frozenset({"ollama", "lmstudio", "llamacpp", "vllm", "local", "localhost", "localai", "mlx", "jan", "gpt4all"})
"""Providers that bill nobody by the token: without a price of the user's own the cost of a call is not known."""

DIALECTS = frozenset({"openai", "anthropic"})
"""Providers whose interface others speak too: libraries report them whoever answers."""

_SPELLINGS = {
    "anthropic": "anthropic claude claudecode anthropicai",
    "arcee": "arcee arceeai",
    "avian": "avian avianio",
    "aws": "aws awsbedrock bedrock amazonbedrock amazon awsbedrockruntime bedrockruntime bedrockconverse",
    "azure": "azure azureopenai azureaiopenai azopenai azaiopenai azureaiinference azaiinference azureai azurefoundry"
    " azureaifoundry microsoftfoundry",
    "baseten": "baseten",
    "cerebras": "cerebras cerebrasai",
    "cloudflare": "cloudflare workersai cloudflareworkersai",
    "cohere": "cohere",
    "cursor": "cursor",
    "databricks": "databricks",
    "deepseek": "deepseek deepseekai",
    "doubleword": "doubleword",
    "elevenlabs": "elevenlabs",
    "fireworks": "fireworks fireworksai",
    "github-copilot": "githubcopilot copilot",
    "google": "google gemini gcpgemini gcpgenai gcpvertexai vertexai vertex googlevertexai googlevertex googlegenai"
    " googlegenerativeai googleai googleaistudio googlegla googlegemini gcp geminicli gcpvertexagent",
    "groq": "groq",
    "huggingface_cerebras": "huggingfacecerebras",
    "huggingface_fireworks-ai": "huggingfacefireworksai",
    "huggingface_groq": "huggingfacegroq",
    "huggingface_hyperbolic": "huggingfacehyperbolic",
    "huggingface_nebius": "huggingfacenebius",
    "huggingface_novita": "huggingfacenovita",
    "huggingface_nscale": "huggingfacenscale",
    "huggingface_ovhcloud": "huggingfaceovhcloud",
    "huggingface_publicai": "huggingfacepublicai",
    "huggingface_sambanova": "huggingfacesambanova",
    "huggingface_together": "huggingfacetogether",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistral mistralai",
    "modal": "modal",
    "moonshotai": "moonshot moonshotai kimi",
    "novita": "novita novitaai",
    "openai": "openai codex openairesponses openaichat openaicodex",
    "openai-decisions": "openaidecisions",
    "openrouter": "openrouter openrouterai",
    "ovhcloud": "ovhcloud ovh",
    "perplexity": "perplexity perplexityai",
    "quicksilverpro": "quicksilverpro",
    "together": "together togetherai",
    "typesafe": "typesafe",
    "voyageai": "voyage voyageai",
    "x-ai": "xai grok",
    "zai": "zai",
    "zhipuai": "zhipu zhipuai bigmodel",
}
_IDS = {spelling: provider for provider, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def plain(name: str) -> str:
    """A name without its case and punctuation: `gcp.vertex_ai` -> `gcpvertexai`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def provider_id(hint: str | None) -> str | None:
    """The price list's id of a provider in any spelling, or `local`; None: not known, so that it says nothing."""
    if not hint:
        return None
    spelling = plain(hint)
    return "local" if spelling in LOCAL else _IDS.get(spelling)


def model_name(name: str | None) -> str | None:
    """The name of a model in the price list's form, with its route; None if there is none."""
    plain_name = (name or "").strip().lower()
    if not plain_name or _PLACEHOLDER.fullmatch(plain_name):
        return None
    return _BRACKET.sub("", plain_name) or None


def candidates(name: str, hint: str | None) -> Iterator[tuple[str | None, str]]:
    """(provider, model) under which to look, the surest first; provider None: whoever makes it.

    `name` as `model_name` gives it, `hint` as `provider_id` does.
    """
    seen = set()
    for provider, model in _readings(name, hint):
        for form in (model, _DASHED_VERSION.sub(".", model)):
            if provider != "local" and (provider, form) not in seen:
                seen.add((provider, form))
                yield provider, form


def _readings(name: str, hint: str | None) -> Iterator[tuple[str | None, str]]:
    if hint == "local":
        return
    if hint:
        yield hint, name
        yield hint, _ROUTES.sub("", name)
    head, slash, rest = name.partition("/")
    named = provider_id(head) if slash and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", head) else None
    if named:
        # The name itself says who serves the model: `openrouter/anthropic/claude-...`.
        if hint in (None, named) or hint in DIALECTS:
            yield named, _ROUTES.sub("", rest)
        if named == hint:
            return
    if hint and hint not in DIALECTS:
        return
    if _AWS.match(name):
        yield "aws", name
        return
    bare = _ROUTES.sub("", name)
    if "/" not in bare:
        yield None, bare
