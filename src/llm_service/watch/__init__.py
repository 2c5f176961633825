"""From the kernel's events to "look at this path now"."""
