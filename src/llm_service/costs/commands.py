"""`llm-service telemetry stats`: the cost of calls on the command line."""

from __future__ import annotations

import json

import click

from ..calls.offline import OpenCalls
from ..files import printable
from ..settings.options import workspace_options
from .budget_watch import summary_with_budgets
from .budgets import budget_text


@click.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print the same as `GET /api/telemetry`.")
@click.pass_obj
def stats(open_calls: OpenCalls, workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Print the cost of calls today, this month and in total, by model, and how many have no known price."""
    with open_calls(workspace, config_file) as calls:
        cost_summary = summary_with_budgets(calls.settings, calls.core)
        summary, models = cost_summary.summary(), cost_summary.queries.models()
    if as_json:
        click.echo(json.dumps(summary | {"models": models}, indent=2))
        return
    costs, counts = summary["costs"], summary["calls"]
    for name, label in (("today", "today"), ("month", "this month"), ("total", "total")):
        click.echo(f"{label:<11} ${costs[name]:>12,.4f}  {counts[name]:>10,} calls")
    if summary["forecast"]:
        forecast = summary["forecast"]
        click.echo(
            f"forecast    ${forecast['month_usd']:>12,.4f}  for this month, "
            f"from ${forecast['low_usd']:,.2f} to ${forecast['high_usd']:,.2f}"
        )
    for budget in summary["budgets"]:
        click.echo(budget_text(budget))
    for row in models:
        cost = "unpriced" if row["cost_usd"] is None else f"${row['cost_usd']:,.4f}"
        click.echo(f"  {printable(row['model'] or '(no model)'):<40} {cost:>14}  {row['calls']:>10,} calls")
    coverage = summary["coverage"]
    if coverage["unpriced"]:
        click.echo(
            f"{coverage['unpriced']:,} of {coverage['calls']:,} calls have no known price; "
            "the setting `prices` gives one, `llm-service telemetry reprice` applies it."
        )
    if coverage["unconfirmed"]:
        click.echo(
            f"{coverage['unconfirmed']:,} of {coverage['calls']:,} calls are priced by the service tier that was "
            "requested; what was served is not confirmed."
        )
