"""Windows as bytes, for the journal (pure).

MessagePack by msgspec, which checks on the way back that it is what it should be. A tenth of a megabyte for a dozen
fields, and a quarter for a sample of 10,000 places, before zlib makes it half as much.
"""

import zlib
from dataclasses import replace

import msgspec

from offline_observer.profile.sample import Sample
from offline_observer.profile.window import Window, Windows

# Goes up with every change of what is kept.
_VERSION = b"1"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Windows).decode


def to_bytes(windows: Windows) -> bytes:
    """Windows as bytes. Of the sample under way the places are kept, at which its records can be read again."""
    kept = replace(windows, current=windows.current and _without_contents(windows.current))
    return _VERSION + zlib.compress(_encode(kept), level=1)


def _without_contents(window: Window) -> Window:
    sample = window.profile.sample
    places = Sample(sample.size, tuple(record._replace(value=None) for record in sample.records))
    return replace(window, profile=replace(window.profile, sample=places))


def from_bytes(content: bytes | None) -> Windows:
    """Windows from bytes; none yet when there are no bytes, or when they are of another version of this program."""
    if content is None or not content.startswith(_VERSION):
        return Windows()
    try:
        return _decode(zlib.decompress(content[len(_VERSION) :]))
    except (msgspec.DecodeError, UnicodeDecodeError, zlib.error):
        return Windows()
