"""`build_features(kernel)`: the features of the dashboard, each with what it needs of others."""

from __future__ import annotations

from ..artifacts.feature import Artifacts
from ..calls.feature import Calls
from ..costs.feature import Costs
from ..evidence.feature import Evidence
from ..feature import Feature, Kernel
from ..hooks.feature import Hooks
from ..jobs.demo.profile import demo_profile
from ..jobs.feature import Jobs
from ..knowledge.feature import Knowledge
from ..knowledge.scope import Scope
from ..logs.feature import Logs, redact
from ..mcp.feature import Mcp
from ..members.feature import Members
from ..needs_you.feature import NeedsYou
from ..orchestrators.feature import Orchestrators
from ..overview.feature import OverviewFeature, OverviewSources
from ..pipelines.feature import Pipelines
from ..plans.feature import Plans
from ..plans.shapes import Companion
from ..processes.feature import Processes
from ..search.feature import Search
from ..sessions.feature import Sessions
from ..system.feature import System
from ..tasks.feature import Tasks
from ..users.feature import Users
from .access import Access
from .condition import Condition
from .job_costs import JobCosts, StoppingBudgets, calls_of_job
from .mcp_sources import mcp_sources
from .observation import Observer
from .pipeline_links import pipeline_links
from .plan_files import KnownPlans, differences
from .projects import ArtifactProjects
from .search_lists import agent_source, call_source, job_source, pipeline_source, plan_source
from .search_sessions import session_source
from .search_texts import file_source, log_source, task_source
from .session_neighbours import SessionNeighbours


def build_features(kernel: Kernel) -> list[Feature]:
    """The features, each after those that it uses. Add a new feature here."""
    tasks = Tasks(kernel)
    artifacts = Artifacts(kernel, lambda job: access.files_of_job(job))
    calls = Calls(kernel, tasks.lanes, lambda job: calls_of_job(jobs.store, job))
    costs = Costs(kernel, calls, tasks.board)
    evidence = Evidence(kernel, tasks, artifacts)
    users = Users(kernel)
    access = Access(lambda: jobs.store, lambda: kernel.settings.token is not None or users.are_there)
    processes = Processes(kernel, access.may_approve, (artifacts.projects_root,), access.project_of)
    processes.add_built_in(demo_profile())
    logs = Logs(kernel, processes, access.check, access.project_of_job)
    projects = ArtifactProjects(artifacts)
    jobs = Jobs(
        kernel,
        processes,
        projects,
        logs.parser,
        access.caller,
        cost_of=JobCosts(calls),
        credits_of=lambda name: user.credits if (user := users.get(name)) is not None else None,
        budget_of=StoppingBudgets(costs),
        run_followers=lambda: processes.followers,
    )
    knowledge = Knowledge(
        kernel,
        lambda block: redact(block, b""),
        lambda: observer.look(),
        access.author,
        seen_files=projects.files if artifacts.watched else None,
        scope=Scope(access.project_of_job, access.may_see),
        read_bytes=logs.read_bytes,
    )
    pipelines = Pipelines(
        kernel,
        access.may_see,
        pipeline_links(tasks, projects, calls, kernel.settings.workspace),
        lambda block: redact(block, b""),
    )
    hooks = Hooks(kernel, lambda block: redact(block, b""), projects.of_folder, access.may_see, lambda: projects.root)
    neighbours = SessionNeighbours(calls, hooks, projects, tasks, jobs, pipelines, access.may_see)
    sessions = Sessions(kernel, lambda block: redact(block, b""), access.may_see, neighbours)
    observer = Observer(jobs, artifacts, knowledge.watches)
    plans = Plans(
        kernel,
        lambda name: Companion(orchestrators.worktree_of(name), orchestrators.orchestrator_of(name)),
        lambda name: orchestrators.board.output_of(name),
        differences=lambda plan: differences(orchestrators, plan),
    )
    orchestrators = Orchestrators(kernel, processes, KnownPlans(kernel, plans), lambda block: redact(block, b""))
    orchestrators.subscribe(plans.board.refresh)
    processes.subscribe(jobs.on_run, jobs.on_run_removed, jobs.needs_run)
    processes.subscribe(orchestrators.on_run)
    logs.subscribe(jobs.on_lines)
    logs.subscribe(knowledge.watches.take)
    sources = mcp_sources(
        kernel.settings, tasks, artifacts, calls, costs, processes, logs, knowledge, access, pipelines
    )
    overview = OverviewFeature(
        kernel,
        OverviewSources(
            tasks=tasks, costs=costs, hooks=hooks, jobs=jobs, pipelines=pipelines, plans=plans,
            orchestrators=orchestrators, artifacts=artifacts, session_logs=sessions,
        ),
    )  # fmt: skip
    search = Search(
        {
            "tasks": task_source(tasks),
            "agents": agent_source(overview, access),
            "files": file_source(artifacts),
            "plans": plan_source(plans),
            "pipelines": pipeline_source(pipelines, access),
            "jobs": job_source(jobs, access),
            "logs": log_source(logs, processes, access),
            "sessions": session_source(sessions),
            "calls": call_source(calls, access),
        }
    )
    features: list[Feature] = [
        tasks, evidence, artifacts, calls, costs,
        processes, logs, knowledge, *knowledge.views, jobs, pipelines, plans, orchestrators, hooks, sessions,
        NeedsYou(kernel, hooks, jobs, tasks, costs, pipelines, sessions), overview, users, Mcp(kernel, sources),
        search, System(kernel),
    ]  # fmt: skip
    condition = Condition(kernel, features)
    return [*features, Members(kernel, features, condition.degraded)]
