"""What calls cost: totals, trends, forecast, budgets."""
