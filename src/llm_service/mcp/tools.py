"""The tools that agents call: `TOOLS`, each a method of `Tools` whose docstring and signature the agent is shown.

The nine of pipelines report about the agent's own work; the others read what the dashboard shows, except
`record_call`, `propose_fact` and `broadcast`, which report too. None starts a program, stops one, or changes a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from .errors import ToolFailure
from .sources import Json, Sources
from .untrusted import Own


def Meaning(text: str) -> Any:
    """What an argument means, for the agent."""
    return Field(description=text)


IdempotencyKey = Annotated[
    str | None, Meaning("the same text for a repeated call: it takes effect once (remembered for 24 h)")
]
_MOST = 100
_PREVIEW_CHARACTERS = 60_000


class Tools:
    """The tools, for one kind of sources. Thread-safe, as those are."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    # Reporting about one's own work.

    def create_pipeline(
        self,
        pipeline_type: Annotated[str, Meaning("`ticket_work`, `sprint_close`, or a type from the settings")],
        ticket_id: Annotated[str | None, Meaning("needed for `ticket_work`")] = None,
        sprint_id: Annotated[str | None, Meaning("needed for `sprint_close`")] = None,
        branch: str | None = None,
        project: str | None = None,
        meta: Annotated[Json | None, Meaning("anything else worth keeping, such as `{sprint_id, session_id}`")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Json:
        """Begin a pipeline: call it once when you start on a ticket or close a sprint. Gives its id and its steps."""
        made = self._sources.pipelines.create_pipeline(
            pipeline_type, ticket_id, sprint_id, branch, project, meta, idempotency_key=idempotency_key
        )
        # The steps of a new pipeline are those of its template, which the user wrote.
        return made | {"steps": [step | {"name": Own(step["name"])} for step in made["steps"]]}

    def create_pipeline_job(
        self,
        pipeline_id: str,
        step: Annotated[str, Meaning("one of the pipeline's steps")],
        name: Annotated[str, Meaning("what is done, in a few words")],
        agent_type: Annotated[str, Meaning("who does it, such as `coder` or `reviewer`")],
        description: str | None = None,
        status: Annotated[str | None, Meaning("`running` if it starts now; else it is `created`")] = None,
        session_id: Annotated[str | None, Meaning("your session, if you know it: its costs are shown beside")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Json:
        """Add a job to a step: one for each piece of work that you or a sub-agent begins."""
        return self._sources.pipelines.create_pipeline_job(
            pipeline_id, step, name, agent_type, description, status, session_id, idempotency_key=idempotency_key
        )

    def update_pipeline_job(
        self,
        job_id: str,
        status: Annotated[str | None, Meaning("`running`, `success`, `failed`, `skipped` or `canceled`")] = None,
        score: Annotated[int | None, Meaning("how good the result is, 0 to 100")] = None,
        attempt: Annotated[int | None, Meaning("raise it by one when the job is tried again")] = None,
        summary: Annotated[str | None, Meaning("two lines: what was done, what is open")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Json:
        """Say how a job goes: when it starts, when it is tried again, and when it ends."""
        return self._sources.pipelines.update_pipeline_job(
            job_id, status, score, attempt, summary, idempotency_key=idempotency_key
        )

    def append_job_log(
        self, job_id: str, content: Annotated[str, Meaning("Markdown")], idempotency_key: IdempotencyKey = None
    ) -> Json:
        """Add a section to the job's log page: decisions, findings, commands that mattered."""
        added = self._sources.pipelines.append_job_log(job_id, content, idempotency_key=idempotency_key)
        return added | {"message": Own(added["message"])}

    def finish_pipeline(
        self,
        pipeline_id: str,
        status: Annotated[str | None, Meaning("without it, the worst of the steps")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Json:
        """End a pipeline: steps that are still open become skipped, and the answer names them."""
        return self._sources.pipelines.finish_pipeline(pipeline_id, status, idempotency_key=idempotency_key)

    def list_pipelines(
        self,
        project: str | None = None,
        status: str | None = None,
        pipeline_type: str | None = None,
        page: Annotated[int, Meaning("20 are on a page, the newest first")] = 1,
    ) -> Json:
        """Pipelines with the states of their steps."""
        return self._sources.pipelines.list_pipelines(project, status, pipeline_type, page)

    def get_pipeline(self, pipeline_id: str) -> Json:
        """A pipeline with its steps and jobs, how long each took, and where the logs are."""
        return self._sources.pipelines.get_pipeline(pipeline_id)

    def get_pipeline_job_log(self, job_id: str) -> Json:
        """The log page of a job."""
        return self._sources.pipelines.get_pipeline_job_log(job_id)

    def clean_pipeline_logs(self, sprint_id: str, idempotency_key: IdempotencyKey = None) -> Json:
        """Remove the log pages of a sprint's pipelines, once the sprint is closed and what matters is in the wiki."""
        return self._sources.pipelines.clean_pipeline_logs(sprint_id, idempotency_key=idempotency_key)

    # Reading what the dashboard shows.

    def list_tasks(
        self,
        lane: Annotated[str | None, Meaning("such as `inbox`, `assigned`, `done`")] = None,
        agent: str | None = None,
        status: str | None = None,
        words: Annotated[str, Meaning("words that must all occur in id, title, agent, path or tags")] = "",
        limit: int = 20,
    ) -> Json:
        """Tasks of the board, the newest first, with the number in each lane."""
        return self._sources.tasks.list(lane, agent, status, words, _limit(limit))

    def get_task(self, task_id: str) -> Json:
        """One task: its file as it was read last, and what is wrong with it."""
        return self._sources.tasks.get(task_id)

    def search_logs(
        self,
        words: Annotated[str, Meaning("a text that occurs in the line; with `regex` an expression of RE2")],
        job: Annotated[str | None, Meaning("only the logs of this job of the dashboard")] = None,
        regex: bool = False,
        limit: int = 20,
    ) -> Json:
        """Lines of the logs of the dashboard's jobs, without secrets: the latest run first, its newest line first."""
        if not words:
            raise ToolFailure("BAD_REQUEST", "`words` is empty.", "Say what to search for.")
        return self._sources.logs.search(words, job, regex, _limit(limit))

    def list_artifacts(
        self,
        project: str | None = None,
        words: Annotated[str, Meaning("words that must all occur in the path")] = "",
        under: Annotated[str, Meaning("a folder of the project; say which `project`")] = "",
        limit: int = 50,
    ) -> Json:
        """Generated files, by project and path."""
        if under and project is None:
            raise ToolFailure("BAD_REQUEST", "`under` is a folder of a project.", "Say which `project`.")
        return self._sources.artifacts.list(project, words, under.strip("/"), _limit(limit))

    def read_artifact(
        self,
        project: str,
        path: Annotated[str, Meaning("as list_artifacts shows it, without the tags around it")],
        from_line: int = 1,
    ) -> Json:
        """A page of a generated file's text; `next_line` says where to go on."""
        found = self._sources.artifacts.read(project, path, max(1, from_line))
        text = found.get("text")
        if isinstance(text, str) and len(text) > _PREVIEW_CHARACTERS:
            found = found | {"text": text[:_PREVIEW_CHARACTERS], "cut": True}
        return found

    # Costs, knowledge, streams.

    def record_call(
        self,
        model: str,
        input_tokens: Annotated[int, Meaning("all of them, cached ones included")],
        output_tokens: int,
        cache_read_tokens: int = 0,
        cache_write_tokens: int = 0,
        agent: str | None = None,
        task_id: str | None = None,
        project: str | None = None,
        session_id: str | None = None,
        latency_ms: int | None = None,
        cost_usd: Annotated[float | None, Meaning("if you know it; else it is computed")] = None,
        status: Literal["success", "error", "timeout"] = "success",
        call_id: Annotated[str | None, Meaning("the same id counts once")] = None,
    ) -> Json:
        """Count an LLM call that no session log has: most agents' calls are counted without it."""
        call = {
            "model_name": model, "prompt_tokens": input_tokens, "completion_tokens": output_tokens,
            "cache_read_tokens": cache_read_tokens, "cache_write_tokens": cache_write_tokens, "agent_name": agent,
            "task_id": task_id, "project": project, "session_id": session_id, "latency_ms": latency_ms,
            "cost_usd": cost_usd, "status": status, "invocation_id": call_id,
        }  # fmt: skip
        return self._sources.costs.record({name: value for name, value in call.items() if value is not None})

    def cost_totals(
        self,
        by: Literal["agent", "task", "project", "model"] = "agent",
        first: Annotated[str | None, Meaning("from this date or time on, ISO 8601")] = None,
        end: Annotated[str | None, Meaning("up to this date (included) or time")] = None,
        limit: int = 20,
    ) -> Json:
        """Calls, tokens and dollars of each agent, task, project or model, the most expensive first."""
        return self._sources.costs.totals(by, first, end, _limit(limit))

    def propose_fact(
        self,
        text: Annotated[str, Meaning("one statement that others can check and use")],
        source: Annotated[str, Meaning("who says it: your name or role")],
        job: str | None = None,
    ) -> Json:
        """Propose something that you found out and others need. It counts once a person accepts it."""
        return self._sources.knowledge.say("knowledge", _message(text, source, None, job))

    def search_facts(self, words: Annotated[str, Meaning("words that must all occur")] = "", limit: int = 20) -> Json:
        """Facts that a person accepted, the newest first."""
        return self._sources.knowledge.facts(words, _limit(limit))

    def broadcast(
        self,
        topic: Literal["insights", "knowledge", "metrics", "logs"],
        text: str,
        source: Annotated[str, Meaning("who says it: your name or role")],
        severity: Literal["info", "warning", "error"] = "info",
        job: str | None = None,
    ) -> Json:
        """Say something to all who follow a stream of the dashboard, people and agents."""
        return self._sources.knowledge.say(topic, _message(text, source, severity, job))


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool: the name of its method, which of the `Sources` it asks, and whether it only reads."""

    name: str
    source: str
    only_reads: bool


TOOLS = (
    ToolEntry("create_pipeline", "pipelines", False),
    ToolEntry("create_pipeline_job", "pipelines", False),
    ToolEntry("update_pipeline_job", "pipelines", False),
    ToolEntry("append_job_log", "pipelines", False),
    ToolEntry("finish_pipeline", "pipelines", False),
    ToolEntry("list_pipelines", "pipelines", True),
    ToolEntry("get_pipeline", "pipelines", True),
    ToolEntry("get_pipeline_job_log", "pipelines", True),
    ToolEntry("clean_pipeline_logs", "pipelines", False),
    ToolEntry("list_tasks", "tasks", True),
    ToolEntry("get_task", "tasks", True),
    ToolEntry("search_logs", "logs", True),
    ToolEntry("list_artifacts", "artifacts", True),
    ToolEntry("read_artifact", "artifacts", True),
    ToolEntry("record_call", "costs", False),
    ToolEntry("cost_totals", "costs", True),
    ToolEntry("propose_fact", "knowledge", False),
    ToolEntry("search_facts", "knowledge", True),
    ToolEntry("broadcast", "knowledge", False),
)


def _limit(limit: int) -> int:
    return min(max(1, limit), _MOST)


def _message(text: str, source: str, severity: str | None, job: str | None) -> dict[str, Any]:
    if not text.strip():
        raise ToolFailure("BAD_REQUEST", "`text` is empty.", "Say what you found.")
    message = {"text": text, "source": source, "severity": severity, "job": job}
    return {name: value for name, value in message.items() if value is not None}
