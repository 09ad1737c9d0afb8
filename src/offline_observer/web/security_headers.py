"""The headers that keep what is shown here to whoever looks at it, and other pages out of it (pure)."""

from collections.abc import Iterable, Sequence

Headers = Sequence[tuple[str, str]]

NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of what is no page: a browser that shows it loads and runs nothing."""

# A report is one file with its scripts and styles in it. In the sandbox it is a page of nobody's: it can read nothing of
# the observer's, and ask for nothing. In the page's frame it cannot lead its reader elsewhere, either.
REPORT = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
"""The content security policy of a report."""


def page_policy(script_hashes: Iterable[str]) -> str:
    """The content security policy of the observer's page.

    Args:
        script_hashes: Of the scripts that stand in the page itself, as `sha256-…` with their quotes.
    """
    scripts = " ".join(["'self'", *script_hashes])
    # Charts set their styles in place. Nothing comes from another machine, and nothing goes there.
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'"
    )


def security_headers(policy: str) -> Headers:
    """The headers that go with every answer.

    Args:
        policy: The answer's content security policy.
    """
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN" if "frame-ancestors 'self'" in policy else "DENY"),
        # The range and the job stand in the address.
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    )
