"""Tokens as Google's API counts them, which Gemini CLI and Qwen Code log. Pure functions.

Source: ai.google.dev/api/generate-content#UsageMetadata: `promptTokenCount` includes `cachedContentTokenCount`,
`candidatesTokenCount` does not include `thoughtsTokenCount`, `toolUsePromptTokenCount` is further input, and
`totalTokenCount` is the sum. Qwen Code fills the same fields from OpenAI's usage (github.com/QwenLM/qwen-code,
`openaiContentGenerator/converter.ts`), where reasoning is part of the output; the total tells which of them it is.
"""

from __future__ import annotations


def count_tokens(given: int, output: int, cached: int, thoughts: int, tool: int, total: int) -> tuple[int, int, int]:
    """(all input tokens, output tokens with reasoning, tokens read from a cache); `total` 0: unknown."""
    prompt, completion = given + tool, output + thoughts
    surplus = total - given - output
    if total and surplus != thoughts + tool:
        if surplus == 0:
            prompt, completion = given, output
        elif surplus == thoughts:
            prompt = given
        elif surplus == tool:
            completion = output
        elif surplus == thoughts + tool + cached:
            prompt += cached
    if cached > prompt:  # then they cannot be part of it
        prompt += cached
    return prompt, completion, cached
