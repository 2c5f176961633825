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
from ..logs.feature import Logs, redact
from ..processes.feature import Processes
from ..tasks.feature import Tasks
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
    processes = Processes(kernel)
    processes.add_built_in(demo_profile())
    logs = Logs(kernel, processes)
    projects = ArtifactProjects(artifacts)
    jobs = Jobs(
        kernel,
        processes,
        projects,
        logs.parser,
        cost_of=JobCosts(calls),
        budget_of=StoppingBudgets(costs),
        run_followers=lambda: processes.followers,
    )
    observer = Observer(jobs, artifacts)
    knowledge = Knowledge(kernel, lambda block: redact(block, b""), observer.look)
    observer.watches = knowledge.watches
    processes.subscribe(jobs.on_run)
    logs.subscribe(jobs.on_lines)
    logs.subscribe(knowledge.watches.take)
    return [
        tasks, evidence, artifacts, calls, costs, Agents(tasks, costs),
        processes, logs, knowledge, *knowledge.views, jobs,
    ]  # fmt: skip
