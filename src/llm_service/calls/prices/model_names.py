"""Converts model and provider names, as agents write them, to names in the price list: `candidates(name, hint)`.

Names are parsed, never guessed: the parts that are removed (a route, a provider, a region, the `[1m]` of Claude Code)
say where a model is served, not which model it is. A name that is still unknown has no price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = re.compile(r"<.*>")
"""`<synthetic>`: written by Claude Code for messages that no model produced."""

_BRACKET = re.compile(r"\s*\[[^\[\]]*\]$")
_ROUTES = re.compile(r"^(?:.*/)?(?:models|deployments|inference-profile|foundation-model)/(?=[^/]+$)")
_AWS = re.compile(
    r"arn:aws[a-z-]*:bedrock:"
    r"|(?:(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|global)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|stability|writer"
    r"|zai)\.[a-z]"
)
_DASHED_VERSION = re.compile(r"(?<=[a-z]-\d)-(?=\d(?!\d))")

LOCAL_PROVIDERS = frozenset(
    {"ollama", "lmstudio", "llamacpp", "vllm", "local", "localhost", "localai", "mlx", "jan", "gpt4all"}
)
"""Providers that do not bill by the token: only the user's own prices apply."""

COMPATIBLE_APIS = frozenset({"openai", "anthropic"})
"""Providers whose API others offer too: client libraries report them whichever provider serves the model."""

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
_ID_BY_SPELLING = {spelling: provider for provider, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def normalize_name(name: str) -> str:
    """A name in lower case without punctuation: `gcp.vertex_ai` -> `gcpvertexai`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def provider_id(hint: str | None) -> str | None:
    """The price list's id of a provider in any spelling, or `local`; None if unknown."""
    if not hint:
        return None
    spelling = normalize_name(hint)
    return "local" if spelling in LOCAL_PROVIDERS else _ID_BY_SPELLING.get(spelling)


def normalize_model(name: str | None) -> str | None:
    """A model name in lower case, without a suffix in brackets, with its route; None if it names no model."""
    lower_name = (name or "").strip().lower()
    if not lower_name or _PLACEHOLDER.fullmatch(lower_name):
        return None
    return _BRACKET.sub("", lower_name) or None


def candidates(name: str, hint: str | None) -> Iterator[tuple[str | None, str]]:
    """(provider, model) to look up, most certain first; provider None: the maker of the model.

    `name` is a result of `normalize_model`, `hint` of `provider_id`.
    """
    seen = set()
    for provider, model in _interpretations(name, hint):
        for form in (model, _DASHED_VERSION.sub(".", model)):
            if provider != "local" and (provider, form) not in seen:
                seen.add((provider, form))
                yield provider, form


def _interpretations(name: str, hint: str | None) -> Iterator[tuple[str | None, str]]:
    if hint == "local":
        return
    if hint:
        yield hint, name
        yield hint, _ROUTES.sub("", name)
    prefix, slash, remainder = name.partition("/")
    prefix_provider = provider_id(prefix) if slash and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", prefix) else None
    if prefix_provider:
        # The name itself contains the provider: `openrouter/anthropic/claude-...`.
        if hint in (None, prefix_provider) or hint in COMPATIBLE_APIS:
            yield prefix_provider, _ROUTES.sub("", remainder)
        if prefix_provider == hint:
            return
    if hint and hint not in COMPATIBLE_APIS:
        return
    if _AWS.match(name):
        yield "aws", name
        return
    bare = _ROUTES.sub("", name)
    if "/" not in bare:
        yield None, bare
