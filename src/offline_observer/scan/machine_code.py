"""What is compiled to machine code: the pass over records' JSON, and the counting of texts where they stand (pure).

All of it is in one file, for Numba takes what it has compiled and kept for up to date while the file is as it was, whatever
the function calls from other files.

The pass is held to RFC 8259: what is not a JSON object is told from what is, whichever fields are wanted. What is rare is
left to others as odd: a record in which a known key comes twice, an escape in a key, deep nesting; and what is of another
kind than it is said to be. Whether the bytes are UTF-8, and what an escape stands for, is not looked at.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

# What stands at a field of a record.
MISSING, NULL, TRUE, FALSE, INTEGER, NUMBER, OBJECT, ARRAY = range(8)
ESCAPED = 8
"""A text with escapes. It is not known whether they are of a character."""
EXACT = 9
"""Anything: the record was decided the exact way."""

# From here on a value is the text that stands there.
LONG = 10
"""Any text that is too long for a table of texts."""
TEXT = 11
"""A text without escapes that may be blank."""
BLANK = 12
"""A text without escapes that is blank."""
PLAIN = 13
"""A text without escapes that is not blank."""

# White space beyond ASCII begins with one of these bytes.
_MAYBE_BLANK = tuple(sorted({chr(code).encode()[0] for code in range(0x80, 0x10000) if chr(code).isspace()}))
IS_PLAIN: NDArray[np.bool_] = (np.arange(256) > ord(" ")) & ~np.isin(np.arange(256), _MAYBE_BLANK)
"""For each byte whether a text that begins with it is not blank."""

DEEPEST = 64
"""A record that is nested more deeply is odd."""

_TAB, _LINE, _RETURN, _SPACE = b"\t\n\r "
_QUOTE, _BACKSLASH, _COMMA, _COLON = b'"\\,:'
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST = b"{}[]"
_MINUS, _PLUS, _POINT, _SMALL_E, _SMALL_F, _SMALL_U = b"-+.efu"
_ZERO, _ONE, _NINE = b"019"
# Of an integer that fits into 64 bits at any rate, its sign included.
_MOST_DIGITS = 18
_LOWER = 0x20  # makes an ASCII letter a small one
_ESCAPES = tuple(b'"\\/bfnrt')

# "null", "true" and "alse" as 4 bytes, lowest first.
_NULL_WORD, _TRUE_WORD, _ALSE_WORD = (int.from_bytes(word, "little") for word in (b"null", b"true", b"alse"))
_FOUR = 0xFFFFFFFF

_WIDTH = 32
_BYTE = ir.IntType(8)
_VECTOR = ir.VectorType(_BYTE, _WIDTH)

# As compiled functions have them; to Python they are other types than its own integers.
Number: TypeAlias = Any
int64: Any = np.int64
uint64: Any = np.uint64

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """A function as machine code, compiled at its first call. It does not divide by what may be 0.

    What was compiled is kept beside the source or in the user's cache, where one of them can be written.
    """
    try:
        return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # there is no folder that can be written: compiled anew by each process
        return cast("Function", njit(nogil=True, error_model="numpy")(function))


def part(function: Function) -> Function:
    """A function that becomes a part of the compiled ones that call it."""
    return cast("Function", njit(error_model="numpy")(function))


def _operation(generator: Callable[..., Any]) -> Callable[..., Number]:
    """A function for compiled ones that is written in LLVM's instructions."""
    return cast("Callable[..., Number]", intrinsic(generator))


@_operation
def leading_zeros(typing_context: Any, bits: Any) -> Any:  # noqa: ARG001 - Numba's form
    """How many of 64 bits are zero before the first that is not."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


def _address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Of the byte at an index."""
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.gep(data, [args[1]])


@_operation
def word_at(typing_context: Any, data: Any, index: Any) -> Any:  # noqa: ARG001 - Numba's form
    """The 8 bytes from an index as an unsigned integer, the first one lowest."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature, args)
        return builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(data, index), generate


@_operation
def stops_at(typing_context: Any, data: Any, index: Any) -> Any:  # noqa: ARG001 - Numba's form
    """Which of the 32 bytes from an index are a quote, a backslash or a control character: bit n for the n-th."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature, args)
        block = builder.load(builder.bitcast(address, _VECTOR.as_pointer()), align=1)
        all_of = [ir.Constant(_VECTOR, [byte] * _WIDTH) for byte in (_QUOTE, _BACKSLASH, _SPACE)]
        stops = builder.or_(
            builder.or_(
                builder.icmp_unsigned("==", block, all_of[0]), builder.icmp_unsigned("==", block, all_of[1])
            ),
            builder.icmp_unsigned("<", block, all_of[2]),
        )
        return builder.bitcast(stops, ir.IntType(_WIDTH))

    return types.uint32(data, index), generate


@_operation
def lowest_bit(typing_context: Any, bits: Any) -> Any:  # noqa: ARG001 - Numba's form
    """The number of the lowest bit that is set; there is one."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.zext(builder.cttz(args[0], ir.Constant(ir.IntType(1), 0)), ir.IntType(64))

    return types.int64(types.uint32), generate


class Keys(NamedTuple):
    """The known keys, object by object. An object is a number, that of the record is 0; so is a key.

    Attributes:
        first: Of each object its first key; the others follow.
        number: How many it has.
        inside: Of each key the object that its value may be; -1 where nothing inside is wanted.
        slot: Of each key which of the wanted values is its; -1 where it is not wanted itself.
        allowed: Of each key which kinds its value may have: bit n for kind n.
        is_closed: Of each object whether it may have these keys only.
        start: Where its UTF-8 begins in `text`.
        length: How many bytes it has.
        word: Its first 8 bytes as a number, 0 for those that it does not have.
        mask: Which of 8 bytes it has.
        text: All keys' bytes.
    """

    first: NDArray[np.int64]
    number: NDArray[np.int64]
    inside: NDArray[np.int64]
    slot: NDArray[np.int64]
    allowed: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    word: NDArray[np.uint64]
    mask: NDArray[np.uint64]
    text: NDArray[np.uint8]


@part
def _is_blank(byte: Number) -> Number:
    return byte <= _SPACE and (byte == _SPACE or byte == _LINE or byte == _RETURN or byte == _TAB)


@part
def _is_digit(byte: Number) -> Number:
    return _ZERO <= byte <= _NINE


@part
def _plain_end(data: NDArray[np.uint8], at: Number) -> Number:
    """Where a quote, a backslash or a control character is, at the latest at the record's end."""
    while True:
        stops = stops_at(data, at)
        if stops:
            return at + lowest_bit(stops)
        at += 32


@part
def _blanks_end(data: NDArray[np.uint8], at: Number) -> Number:
    """The next place that is not blank."""
    while _is_blank(data[at]):
        at += 1
    return at


@part
def _escaped_end(data: NDArray[np.uint8], at: Number) -> Number:
    """Where the quote is that ends a string with escapes; where it is broken, a place that has another byte."""
    while data[at] != _QUOTE:
        if data[at] < _SPACE:
            return at
        if data[at] != _BACKSLASH:
            at += 1
            continue
        at += 1
        if data[at] == _SMALL_U:
            for _ in range(4):
                at += 1
                if not (_is_digit(data[at]) or 97 <= (data[at] | _LOWER) <= 102):  # a to f
                    return at - 1
        else:
            is_known = False
            for known in _ESCAPES:
                is_known |= data[at] == known
            if not is_known:
                return at - 1
        at += 1
    return at


@part
def _number_end(data: NDArray[np.uint8], at: Number) -> Number:
    """The place after a number; -1 where there is none."""
    if data[at] == _MINUS:
        at += 1
    if data[at] == _ZERO:
        at += 1
    elif _ONE <= data[at] <= _NINE:
        while _is_digit(data[at]):
            at += 1
    else:
        return -1
    if data[at] == _POINT:
        at += 1
        if not _is_digit(data[at]):
            return -1
        while _is_digit(data[at]):
            at += 1
    if (data[at] | _LOWER) == _SMALL_E:
        at += 1
        if data[at] == _MINUS or data[at] == _PLUS:
            at += 1
        if not _is_digit(data[at]):
            return -1
        while _is_digit(data[at]):
            at += 1
    return at


@part
def _number_kind(data: NDArray[np.uint8], start: Number, end: Number) -> Number:
    if end - start > _MOST_DIGITS:
        return NUMBER
    for at in range(start, end):
        if data[at] == _POINT or (data[at] | _LOWER) == _SMALL_E:
            return NUMBER
    return INTEGER


@part
def _text_kind(data: NDArray[np.uint8], start: Number, end: Number) -> Number:
    """Whether a text without escapes is blank: `PLAIN`, `BLANK`, or `TEXT` where that is not plain to see."""
    if start == end:
        return BLANK
    if IS_PLAIN[data[start]]:
        return PLAIN
    for at in range(start, end):
        if data[at] != _SPACE:
            return TEXT
    return BLANK


@part
def _is_key(data: NDArray[np.uint8], at: Number, key: Number, keys: Keys) -> Number:
    length = keys.length[key]
    if data[at + length] != _QUOTE or (word_at(data, at) & keys.mask[key]) != keys.word[key]:
        return False
    start = keys.start[key]
    for place in range(8, length):
        if data[at + place] != keys.text[start + place]:
            return False
    return True


@part
def _key_at(data: NDArray[np.uint8], at: Number, node: Number, hint: Number, keys: Keys) -> Number:
    """Which of an object's wanted keys stands at a place; -1 for another one. Keys come in one order, as a rule."""
    first, count = keys.first[node], keys.number[node]
    for number in range(count):
        key = hint + number
        if key >= count:
            key -= count
        if _is_key(data, at, first + key, keys):
            return first + key
    return -1


@compiled
def scan(
    data: NDArray[np.uint8],
    end: Number,
    keys: Keys,
    kinds: NDArray[np.uint8],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    odd: NDArray[np.int32],
) -> Number:
    """Finds the wanted values of records.

    Args:
        data: The records' bytes with a zero after each, and then as many zeros as a key may have bytes, and 64 more.
        end: Where the last record's zero ends.
        keys: The wanted keys.
        kinds: Set to what each value is, by slot and record; zeros before. What is set for an odd record says nothing.
        starts: Set to where each value begins; a text after its quote.
        ends: Set to where it ends; a text before its quote.
        odd: Set to the numbers of the odd records, which may or may not be JSON objects.

    Returns:
        How many records are odd; -1 when there is a zero in a record.
    """
    in_lists = np.zeros(DEEPEST, np.bool_)
    nodes = np.zeros(DEEPEST, np.int64)
    hints = np.zeros(DEEPEST, np.int64)
    slots = np.zeros(DEEPEST, np.int64)
    seen = np.zeros(len(keys.slot), np.int64)
    records = kinds.shape[1]
    number_of_odd = 0
    at = 0
    # No rule of JSON lets a zero pass: at the end of a record all that goes on here comes to a stop.
    for record in range(records):
        is_good = False
        # Around the place: the object's number, the key whose value is next, its slot, which key is expected.
        depth, node, key, slot, hint = 0, -1, -1, -1, 0
        in_list = False
        at = _blanks_end(data, at)
        while True:
            # Here a value begins: the record itself at first, which has to be an object.
            byte = data[at]
            is_open = False
            if byte == _QUOTE:
                if depth == 0:
                    break
                at += 1
                start = at
                at = _plain_end(data, at)
                is_escaped = data[at] == _BACKSLASH
                if is_escaped:
                    at = _escaped_end(data, at)
                if data[at] != _QUOTE:
                    break
                if key >= 0 and not (keys.allowed[key] >> PLAIN) & 1:
                    break
                if slot >= 0:
                    kinds[slot, record] = ESCAPED if is_escaped else _text_kind(data, start, at)
                    starts[slot, record] = start
                    ends[slot, record] = at
                at += 1
            elif byte == _OPEN or byte == _OPEN_LIST:
                if depth == DEEPEST or (depth == 0 and byte != _OPEN):
                    break
                if key >= 0 and not (keys.allowed[key] >> (OBJECT if byte == _OPEN else ARRAY)) & 1:
                    break
                if slot >= 0:
                    kinds[slot, record] = OBJECT if byte == _OPEN else ARRAY
                    starts[slot, record] = at
                in_lists[depth], nodes[depth], hints[depth], slots[depth] = in_list, node, hint, slot
                in_list = byte == _OPEN_LIST
                if depth == 0:
                    node = 0
                elif key >= 0 and not in_list:
                    node = keys.inside[key]
                else:
                    node = -1
                hint = 0
                depth += 1
                at = _blanks_end(data, at + 1)
                is_open = data[at] != (_CLOSE_LIST if in_list else _CLOSE)
            elif depth == 0:
                break
            else:
                start = at
                four = word_at(data, at) & _FOUR
                if four == _NULL_WORD:
                    kind = NULL
                    at += 4
                elif four == _TRUE_WORD:
                    kind = TRUE
                    at += 4
                elif byte == _SMALL_F and (word_at(data, at + 1) & _FOUR) == _ALSE_WORD:
                    kind = FALSE
                    at += 5
                else:
                    at = _number_end(data, at)
                    if at < 0:
                        at = start
                        break
                    kind = _number_kind(data, start, at)
                if key >= 0 and not (keys.allowed[key] >> kind) & 1:
                    break
                if slot >= 0:
                    kinds[slot, record] = kind
                    starts[slot, record] = start
                    ends[slot, record] = at
            # After a value: what ends here, and a comma.
            is_broken = False
            while not is_open:
                at = _blanks_end(data, at)
                byte = data[at]
                if byte == _COMMA:
                    at += 1
                    break
                if byte != (_CLOSE_LIST if in_list else _CLOSE):
                    is_broken = True
                    break
                at += 1
                depth -= 1
                if slots[depth] >= 0:
                    ends[slots[depth], record] = at
                in_list, node, hint = in_lists[depth], nodes[depth], hints[depth]
                if depth == 0:
                    break
            if is_broken:
                break
            at = _blanks_end(data, at)
            if depth == 0:
                is_good = data[at] == 0
                break
            key, slot = -1, -1
            if in_list:
                continue
            # Here a key begins.
            if data[at] != _QUOTE:
                break
            at += 1
            if node >= 0:
                key = _key_at(data, at, node, hint, keys)
            if key >= 0:
                if seen[key] == record + 1:
                    break
                seen[key] = record + 1
                hint = key - keys.first[node] + 1
                slot = keys.slot[key]
                at += keys.length[key]
            else:
                if node >= 0 and keys.is_closed[node]:
                    break
                at = _plain_end(data, at)
                if data[at] != _QUOTE:
                    break
            at = _blanks_end(data, at + 1)
            if data[at] != _COLON:
                break
            at = _blanks_end(data, at + 1)
        if not is_good:
            odd[number_of_odd] = record
            number_of_odd += 1
            while data[at] != 0:
                at += 1
        at += 1
    return number_of_odd if at == end else -1


@compiled
def find_empty(kinds: NDArray[np.uint8], rows: NDArray[np.int32]) -> int:
    """Finds the values that are missing, null or blank, or may be blank.

    Args:
        kinds: What each value is.
        rows: Set to where they stand. As many as there are values.

    Returns:
        How many there are; -1 less as many, when some of them only may be blank.
    """
    found = 0
    is_open = False
    for row in range(len(kinds)):
        kind = kinds[row]
        if kind == PLAIN or (NULL < kind < ESCAPED):
            continue
        is_open |= NULL < kind < BLANK
        rows[found] = row
        found += 1
    return -1 - found if is_open else found


@compiled
def strike_out(
    kinds: NDArray[np.uint8], starts: NDArray[np.int32], ends: NDArray[np.int32], struck: NDArray[np.int32]
) -> None:
    """Moves the values of records up over those of some that are struck out.

    Args:
        kinds: What each value is, by slot and record.
        starts: Where it begins.
        ends: Where it ends.
        struck: Numbers of records, in their order.
    """
    slots, records = kinds.shape
    for slot in range(slots):
        for number in range(len(struck)):
            begin = struck[number] + 1
            until = struck[number + 1] if number + 1 < len(struck) else records
            for record in range(begin, until):
                to = record - number - 1
                kinds[slot, to] = kinds[slot, record]
                starts[slot, to] = starts[slot, record]
                ends[slot, to] = ends[slot, record]


LONGEST_COUNTED = 512
"""Texts of more bytes are not counted where they stand."""
# So many places of a table are looked at for a text: whoever chooses the texts cannot have it search for long.
_MOST_PROBES = 64

# The multipliers of wyhash (Wang Yi, public domain).
_FIRST_PRIME = 0xA0761D6478BD642F
_SECOND_PRIME = 0xE7037ED1A0B428DB


class TextTable(NamedTuple):
    """Texts and how often they came, in the order in which they first came.

    Attributes:
        numbers: For each place of the hash table the number of the text that is there, from 1; 0 for none. As many as a
            power of 2.
        hashes: Of each text its hash.
        starts: Where it begins in `text`.
        ends: Where it ends.
        counts: How often it came.
        text: The UTF-8 of all, and 8 bytes more.
        used: How many texts there are, and how many bytes; of the values of which no texts were counted how many are
            missing, how many are null, and how many are anything else.
    """

    numbers: NDArray[np.int32]
    hashes: NDArray[np.uint64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    counts: NDArray[np.int64]
    text: NDArray[np.uint8]
    used: NDArray[np.int64]


@part
def _rest_at(data: NDArray[np.uint8], at: Number, length: Number) -> Number:
    """Less than 8 bytes as an unsigned integer."""
    return word_at(data, at) & ((uint64(1) << uint64(8 * length)) - uint64(1))


@part
def _hash(data: NDArray[np.uint8], start: Number, end: Number) -> Number:
    mixed = uint64(end - start) * uint64(_SECOND_PRIME)
    at = start
    while at + 8 <= end:
        mixed = (mixed ^ word_at(data, at)) * uint64(_FIRST_PRIME)
        mixed ^= mixed >> uint64(29)
        at += 8
    if at < end:
        mixed = (mixed ^ _rest_at(data, at, end - at)) * uint64(_FIRST_PRIME)
        mixed ^= mixed >> uint64(29)
    mixed *= uint64(_SECOND_PRIME)
    return mixed ^ (mixed >> uint64(32))


@part
def _are_equal(
    data: NDArray[np.uint8], start: Number, end: Number, other: NDArray[np.uint8], other_start: Number
) -> Number:
    at = start
    beside = other_start
    while at + 8 <= end:
        if word_at(data, at) != word_at(other, beside):
            return False
        at += 8
        beside += 8
    return at == end or _rest_at(data, at, end - at) == _rest_at(other, beside, end - at)


@compiled
def count_texts(
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    begin: Number,
    most: Number,
    table: TextTable,
) -> Number:
    """Counts the texts of a column.

    Args:
        data: The bytes that they are in.
        kinds: What each value is. A text that is too long is set to `LONG`, and not counted.
        starts: Where it begins.
        ends: Where it ends.
        begin: The number of the value to begin with.
        most: The last of the kinds of texts that are wanted.
        table: Where they are counted.

    Returns:
        The number of the value for which there is no room; as many as there are values when all are counted.
    """
    mask = len(table.numbers) - 1
    known, filled = table.used[0], table.used[1]
    room = len(table.text) - 8
    for row in range(begin, len(kinds)):
        kind = kinds[row]
        if kind < TEXT:
            table.used[4 if kind > NULL else 2 + kind] += 1
            continue
        if kind > most:
            continue
        start, end = starts[row], ends[row]
        length = end - start
        if length > LONGEST_COUNTED:
            kinds[row] = LONG
            table.used[4] += 1
            continue
        hashed = _hash(data, start, end)
        place = int64(hashed & uint64(mask))
        is_counted = False
        for _ in range(_MOST_PROBES):
            number = table.numbers[place]
            if number == 0:
                if known == len(table.hashes) or filled + length > room:
                    break
                for at in range(length):
                    table.text[filled + at] = data[start + at]
                table.hashes[known] = hashed
                table.starts[known] = filled
                filled += length
                table.ends[known] = filled
                table.counts[known] = 1
                known += 1
                table.numbers[place] = known
                is_counted = True
                break
            number -= 1
            if (
                table.hashes[number] == hashed
                and table.ends[number] - table.starts[number] == length
                and _are_equal(data, start, end, table.text, table.starts[number])
            ):
                table.counts[number] += 1
                is_counted = True
                break
            place = (place + 1) & mask
        if not is_counted:
            table.used[0], table.used[1] = known, filled
            return row
    table.used[0], table.used[1] = known, filled
    return len(kinds)


@compiled
def take_over(table: TextTable, larger: TextTable) -> bool:
    """Copies the texts of a table into a larger one that is empty; returns whether there is room for them."""
    known, filled = table.used[0], table.used[1]
    mask = len(larger.numbers) - 1
    for number in range(known):
        place = int64(table.hashes[number] & uint64(mask))
        is_placed = False
        for _ in range(_MOST_PROBES):
            if larger.numbers[place] == 0:
                larger.numbers[place] = number + 1
                is_placed = True
                break
            place = (place + 1) & mask
        if not is_placed:
            return False
        larger.hashes[number] = table.hashes[number]
        larger.starts[number] = table.starts[number]
        larger.ends[number] = table.ends[number]
        larger.counts[number] = table.counts[number]
    for at in range(filled):
        larger.text[at] = table.text[at]
    # Also what was no text: a column may be half counted.
    for place in range(len(table.used)):
        larger.used[place] = table.used[place]
    return True


class TextSums(NamedTuple):
    """What the different texts of a column come to.

    Attributes:
        registers: Of HyperLogLog, 2^14, as Apache DataSketches has them: the highest value that was seen for each.
        rows: Of each text where it first stands in the column.
        repeats: How often it came.
        times: Whether it is a time: 1 in a usual form of RFC 3339 in UTC, 2 perhaps in another one, 0 not.
        seconds: Those of the usual forms as seconds since 1970.
        totals: How many there are, repeats counted; the least and the greatest length; the sum of lengths; the rows of the
            least and the greatest; how many are times in a usual form, and perhaps in another one. Lengths are of characters.
    """

    registers: NDArray[np.uint8]
    rows: NDArray[np.int32]
    repeats: NDArray[np.int64]
    times: NDArray[np.uint8]
    seconds: NDArray[np.float64]
    totals: NDArray[np.int64]


@part
def _mix(bits: Number) -> Number:
    """The end of MurmurHash3."""
    bits ^= bits >> uint64(33)
    bits *= uint64(0xFF51AFD7ED558CCD)
    bits ^= bits >> uint64(33)
    bits *= uint64(0xC4CEB9FE1A85EC53)
    return bits ^ (bits >> uint64(33))


@part
def _turned(bits: Number, by: Number) -> Number:
    return (bits << uint64(by)) | (bits >> uint64(64 - by))


_MURMUR_1, _MURMUR_2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


@part
def _first_part(bits: Number) -> Number:
    return _turned(bits * uint64(_MURMUR_1), 31) * uint64(_MURMUR_2)


@part
def _second_part(bits: Number) -> Number:
    return _turned(bits * uint64(_MURMUR_2), 33) * uint64(_MURMUR_1)


@part
def _add_to_registers(
    data: NDArray[np.uint8], start: Number, end: Number, registers: NDArray[np.uint8]
) -> None:
    """What `hll_sketch.update` does with a text: MurmurHash3 of 128 bits (Austin Appleby, public domain), seed 9001."""
    one = uint64(9001)
    two = uint64(9001)
    at = start
    while at + 16 <= end:
        one = _turned(one ^ _first_part(word_at(data, at)), 27) + two
        one = one * uint64(5) + uint64(0x52DCE729)
        two = _turned(two ^ _second_part(word_at(data, at + 8)), 31) + one
        two = two * uint64(5) + uint64(0x38495AB5)
        at += 16
    left = end - at
    if left > 8:
        two ^= _second_part(_rest_at(data, at + 8, left - 8))
    if left >= 8:
        one ^= _first_part(word_at(data, at))
    elif left > 0:
        one ^= _first_part(_rest_at(data, at, left))
    one ^= uint64(end - start)
    two ^= uint64(end - start)
    one += two
    two += one
    one = _mix(one)
    two = _mix(two)
    one += two
    two += one
    # The register is chosen by the low bits of the one half, its value are the leading zeros of the other and 1.
    register = int64(one & uint64(len(registers) - 1))
    value = min(leading_zeros(two), 62) + 1
    if registers[register] < value:
        registers[register] = value


@part
def _is_less(
    data: NDArray[np.uint8], start: Number, end: Number, other_start: Number, other_end: Number
) -> Number:
    """Whether a text sorts before another one: UTF-8 sorts as its characters do."""
    length = min(end - start, other_end - other_start)
    at = 0
    while at + 8 <= length and word_at(data, start + at) == word_at(data, other_start + at):
        at += 8
    while at < length:
        if data[start + at] != data[other_start + at]:
            return bool(data[start + at] < data[other_start + at])
        at += 1
    return end - start < other_end - other_start


@part
def _number_at(data: NDArray[np.uint8], at: Number, length: Number) -> Number:
    """Some digits as a number; far below 0 when there is another character among them."""
    number = 0
    for place in range(at, at + length):
        digit = int64(data[place]) - _ZERO
        if not 0 <= digit <= 9:
            return -1_000_000_000
        number = number * 10 + digit
    return number


_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NO_TIME = -1e300


@part
def _seconds_at(data: NDArray[np.uint8], at: Number, length: Number) -> Number:
    """A time such as 2024-01-01T00:00:00.000Z as seconds since 1970; far below any for another text."""
    if length != 20 and length != 24 and length != 27:
        return _NO_TIME
    if data[at + 4] != _MINUS or data[at + 7] != _MINUS or data[at + 10] != 84:  # T
        return _NO_TIME
    if data[at + 13] != 58 or data[at + 16] != 58 or data[at + length - 1] != 90:  # : : Z
        return _NO_TIME
    year, month, day = _number_at(data, at, 4), _number_at(data, at + 5, 2), _number_at(data, at + 8, 2)
    hour, minute, second = (
        _number_at(data, at + 11, 2),
        _number_at(data, at + 14, 2),
        _number_at(data, at + 17, 2),
    )
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return _NO_TIME
    if not 0 <= hour <= 23 or not 0 <= minute <= 59 or not 0 <= second <= 59:
        return _NO_TIME
    is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    if day > _DAYS[month] + (1 if is_leap and month == 2 else 0):
        return _NO_TIME
    # The days since 1970: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    seconds = (era * 146_097 + day_of_era - 719_468) * 86_400.0
    seconds += hour * 3600 + minute * 60 + second
    if length > 20:
        if data[at + 19] != _POINT:
            return _NO_TIME
        fraction = _number_at(data, at + 20, length - 21)
        if fraction < 0:
            return _NO_TIME
        seconds += fraction / (1000 if length == 24 else 1_000_000)
    return seconds


@compiled
def sum_up_texts(
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    is_ascii: bool,
    sums: TextSums,
) -> Number:
    """Sums up the plain texts of a column of which most are different.

    Args:
        data: The bytes that they are in.
        kinds: What each value is.
        starts: Where it begins.
        ends: Where it ends.
        is_ascii: Each character is one byte.
        sums: Set to what they come to. What is in the registers stays.

    Returns:
        How many different texts there are.
    """
    size = 16
    while size < 2 * len(kinds):
        size *= 2
    mask = size - 1
    numbers = np.zeros(size, np.int32)
    hashes = np.empty(len(kinds), np.uint64)
    different = total = characters = longest = times = maybe = 0
    shortest = least = greatest = -1
    for row in range(len(kinds)):
        if kinds[row] != PLAIN:
            continue
        start, end = int64(starts[row]), int64(ends[row])
        total += 1
        hashed = _hash(data, start, end)
        place = int64(hashed & uint64(mask))
        number = -1
        while numbers[place] != 0:
            known = numbers[place] - 1
            first = sums.rows[known]
            if (
                hashes[known] == hashed
                and ends[first] - starts[first] == end - start
                and _are_equal(data, start, end, data, starts[first])
            ):
                number = known
                break
            place = (place + 1) & mask
        length = end - start
        if not is_ascii:
            for at in range(start, end):
                if (data[at] & 0xC0) == 0x80:  # a character's second, third or fourth byte
                    length -= 1
        characters += length
        if number >= 0:
            sums.repeats[number] += 1
            continue
        hashes[different] = hashed
        sums.rows[different] = row
        sums.repeats[different] = 1
        seconds = _seconds_at(data, start, length)
        if seconds != _NO_TIME:
            sums.seconds[different] = seconds
            sums.times[different] = 1
            times += 1
        elif length > 7 and data[start + 4] == _MINUS and data[start + 7] == _MINUS:
            sums.times[different] = 2
            maybe += 1
        else:
            sums.times[different] = 0
        different += 1
        numbers[place] = different
        _add_to_registers(data, start, end, sums.registers)
        longest = max(longest, length)
        if shortest < 0 or length < shortest:
            shortest = length
        if least < 0 or _is_less(data, start, end, starts[least], ends[least]):
            least = row
        if greatest < 0 or _is_less(data, starts[greatest], ends[greatest], start, end):
            greatest = row
    sums.totals[0], sums.totals[1], sums.totals[2] = total, shortest, longest
    sums.totals[3], sums.totals[4], sums.totals[5] = characters, least, greatest
    sums.totals[6], sums.totals[7] = times, maybe
    return different


@compiled
def number_texts(
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    numbers: NDArray[np.int32],
    rows: NDArray[np.int32],
) -> int:
    """Numbers the different texts of a column that has nothing but texts, and values that are missing or null.

    Args:
        data: The bytes that they are in.
        kinds: What each value is.
        starts: Where it begins.
        ends: Where it ends.
        numbers: Set to the number of each value's text; -1 for a value that is missing or null.
        rows: Set to where each text first stands. As many as different texts are of interest.

    Returns:
        How many different texts there are; -1 when there are more, or there is something else.
    """
    size = 16
    while size < 2 * len(kinds):
        size *= 2
    mask = size - 1
    places = np.zeros(size, np.int32)
    hashes = np.empty(len(rows), np.uint64)
    different = 0
    for row in range(len(kinds)):
        if kinds[row] <= NULL:
            numbers[row] = -1
            continue
        if kinds[row] < LONG:
            return -1
        start, end = int64(starts[row]), int64(ends[row])
        hashed = _hash(data, start, end)
        place = int64(hashed & uint64(mask))
        while True:
            number = places[place] - 1
            if number < 0:
                if different == len(rows):
                    return -1
                rows[different] = row
                hashes[different] = hashed
                numbers[row] = different
                different += 1
                places[place] = different
                break
            first = rows[number]
            if (
                hashes[number] == hashed
                and ends[first] - starts[first] == end - start
                and _are_equal(data, start, end, data, starts[first])
            ):
                numbers[row] = number
                break
            place = (place + 1) & mask
    return different
