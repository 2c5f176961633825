"""Programs that are started: profiles, approvals, runs that outlive the dashboard, stopping whole trees."""
