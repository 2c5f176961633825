"""What the dashboard says about itself: settings with their origin, versions and licences."""
