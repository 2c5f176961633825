"""Where data gets stuck on its way from a script to a page: four stages, each with its reason and the next step."""
