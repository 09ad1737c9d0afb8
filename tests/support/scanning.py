"""The scanner, compiled: what is measured by the clock in a test is not Numba."""

from offline_observer.scan.scanner import JsonScanner
from offline_observer.scan.warm_up import warm_up

for _ in warm_up():
    pass

__all__ = ["JsonScanner"]
