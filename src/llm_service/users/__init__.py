"""Who may use the dashboard: users with tokens, roles and credits."""
