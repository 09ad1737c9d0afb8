"""What to say when a remote filesystem refuses: credentials, rights, buckets (pure).

The clients' errors share no base class, and an extra that is not installed has none at all. So they are told
by their codes and names, which each service documents.
"""

from collections.abc import Iterator

_NO_CREDENTIALS = frozenset(
    {
        "CredentialRetrievalError",
        "CredentialUnavailableError",
        "DefaultCredentialsError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"})
_WRONG_CREDENTIALS = frozenset(
    {
        "401",
        "AuthenticationFailed",
        "ClientAuthenticationError",
        "InvalidAccessKeyId",
        "InvalidAuthenticationInfo",
        "InvalidClientTokenId",
        "InvalidToken",
        "NotSignedUp",
        "RefreshError",
        "SignatureDoesNotMatch",
    }
)
_WRONG_CLOCK = frozenset({"RequestTimeTooSkewed"})
_NO_BUCKET = frozenset({"NoSuchBucket", "InvalidBucketName", "ContainerNotFound", "FilesystemNotFound"})
_WRONG_REGION = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "PermanentRedirect",
        "TemporaryRedirect",
    }
)
_DENIED = frozenset({"403", "AccessDenied", "AuthorizationFailure", "AuthorizationPermissionMismatch"})

_WHERE = "the job's storage options (--storage on the command line)"


# In this order: an error may have several marks, and the first that fits says most.
_SENTENCES = (
    (
        _NO_BUCKET,
        (
            "cannot be read: there is no such bucket or container where this was asked. Compare its name, and the "
            f"endpoint, account or region in {_WHERE}, with those of the query's checkpointLocation."
        ),
    ),
    (
        _NO_CREDENTIALS,
        (
            f"cannot be read: no credentials were found. Give them in {_WHERE}, or where the service's client "
            "looks for them itself; for what is public, say anon: true there."
        ),
    ),
    (
        _EXPIRED,
        (
            f"cannot be read: the credentials have expired. Put new ones into {_WHERE} and start again; those that "
            "the service's client finds itself (a role, a profile) are looked for again each time."
        ),
    ),
    (
        _WRONG_CLOCK,
        "cannot be read: this machine's clock differs from the service's. Set the clock.",
    ),
    (
        _WRONG_CREDENTIALS,
        f"cannot be read: the credentials are not accepted. Check those in {_WHERE}.",
    ),
    (
        _WRONG_REGION,
        (
            "cannot be read: the bucket is in another region than was asked. Give it in "
            f"{_WHERE}: client_kwargs.region_name."
        ),
    ),
)


def refusal(error: BaseException, rights: str) -> str | None:
    """Why a filesystem refused, and what to do about it.

    Args:
        error: What its client raised.
        rights: The rights that are needed there, to end a sentence.

    Returns:
        Sentences that follow the place's name; None when the error is about something else.
    """
    marks = set(_marks(error))
    if _is_listing_without_bucket(error):
        marks |= _NO_BUCKET
    for meant, sentence in _SENTENCES:
        if marks & meant:
            return sentence
    if marks & _DENIED or isinstance(error, PermissionError):
        return f"may not be read: permission denied. The observer needs {rights}; it never needs to write."
    return None


def _marks(error: BaseException) -> Iterator[str]:
    """Codes and class names of an error and of what it came from."""
    for one in _chain(error):
        yield type(one).__name__
        response = getattr(one, "response", None)
        if isinstance(response, dict) and isinstance(response.get("Error"), dict):
            yield str(response["Error"].get("Code"))
        for name in ("error_code", "code", "status", "status_code"):
            value = getattr(one, name, None)
            if isinstance(value, str | int):
                yield str(value)
        if isinstance(value := getattr(response, "status_code", None), int):
            yield str(value)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        current = current.__cause__ or current.__context__


def _is_listing_without_bucket(error: BaseException) -> bool:
    """On S3 any folder can be listed, also one that is not there: only a bucket can be missing."""
    return isinstance(error, FileNotFoundError) and any(
        str(getattr(one, "operation_name", "")).startswith("ListObject") for one in _chain(error)
    )
