"""`python -m offline_observer` is `offline-observer`."""

from offline_observer.cli.app import main

if __name__ == "__main__":
    main()
