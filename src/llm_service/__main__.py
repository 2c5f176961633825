"""`python -m llm_service` is the command `llm-service`."""

from .cli.entry import main

if __name__ == "__main__":
    main()
