"""The Model Context Protocol both ways: agents report through our tools, and the dashboard watches declared servers."""
