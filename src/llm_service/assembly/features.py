"""`build_features(kernel)`: the features of the dashboard, each with what it needs of others."""

from __future__ import annotations

from ..agents.feature import Agents
from ..artifacts.feature import Artifacts
from ..calls.feature import Calls
from ..costs.feature import Costs
from ..evidence.feature import Evidence
from ..feature import Feature, Kernel
from ..jobs.demo.profile import demo_profile
from ..jobs.feature import Jobs
from ..knowledge.feature import Knowledge
from ..knowledge.scope import Scope
from ..logs.feature import Logs, redact
from ..processes.feature import Processes
from ..tasks.feature import Tasks
from ..users.feature import Users
from .access import Access
from .job_costs import JobCosts, StoppingBudgets
from .observation import Observer
from .projects import ArtifactProjects


def build_features(kernel: Kernel) -> list[Feature]:
    """The features, each after those that it uses. Add a new feature here."""
    tasks = Tasks(kernel)
    artifacts = Artifacts(kernel)
    calls = Calls(kernel, tasks.lanes)
    costs = Costs(kernel, calls, tasks.board.ids)
    evidence = Evidence(kernel, tasks, artifacts)
    users = Users(kernel)
    access = Access(lambda: jobs.store, has_tokens=kernel.settings.token is not None or any(users.people()))
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
    )
    observer = Observer(jobs, artifacts, knowledge.watches)
    processes.subscribe(jobs.on_run)
    logs.subscribe(jobs.on_lines)
    logs.subscribe(knowledge.watches.take)
    return [
        tasks, evidence, artifacts, calls, costs, Agents(tasks, costs),
        processes, logs, knowledge, *knowledge.views, jobs, users,
    ]  # fmt: skip
