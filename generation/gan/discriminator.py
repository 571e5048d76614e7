"""D(x, c): does this text read like approved copy for this product?

Letters: B texts, S source tokens, T target tokens, L = S + T, V vocabulary, E width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.generator import EncoderLayer, keys_of, recalled
from generation.gan.vocabulary import PAD

_WIDTHS = (2, 3, 4, 5)


class Discriminator(nn.Module):
    """A small transformer over brief and text, with convolutions over the text.

    The transformer sees whether the text is true to the brief; the convolutions see phrases
    (Kim 2014). Each token gets a logit of its own, so that an editor can see where D doubts.

    Args:
        vocab_size: V, ids; id 0 is padding.
        width: E, width of every state.
        heads: attention heads; divides E.
        layers: transformer layers.
        feedforward: inner width of the feed-forward layers.
        dropout: share of activations dropped while learning.
        max_length: longest brief and text together, in tokens.
        copied: ids that stand for facts of a brief.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the sizes of one model, all plain numbers
        self,
        vocab_size: int,
        width: int,
        heads: int,
        layers: int,
        feedforward: int,
        dropout: float,
        max_length: int,
        copied: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.register_buffer("facts", torch.zeros(vocab_size, dtype=torch.bool), False)
        self.facts[list(copied)] = True
        self.max_length = max_length
        self.embed = nn.Embedding(vocab_size, width, padding_idx=PAD)
        self.place = nn.Parameter(torch.randn(max_length, width) * 0.02)
        self.part = nn.Parameter(torch.randn(2, width) * 0.02)  # brief, text
        self.layers = nn.ModuleList(
            EncoderLayer(width, heads, feedforward, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.read_key, self.read_fact = nn.Linear(width, width), nn.Linear(width, width)
        self.phrases = nn.ModuleList(
            nn.Conv1d(width, width // 2, size, padding=size // 2) for size in _WIDTHS
        )
        self.judge_token = nn.Linear(width, 1)
        self.judge = nn.Sequential(
            nn.Linear(2 * width + len(_WIDTHS) * (width // 2), width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.utils.parametrizations.spectral_norm(nn.Linear(width, 1)),
        )
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=width**-0.5)
        with torch.no_grad():
            self.embed.weight[PAD].zero_()

    def forward(self, source: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Judge texts for briefs.

        Args:
            source: ids of the briefs, shape (B, S).
            text: ids of the texts, shape (B, T), padded on the right with 0.

        Returns:
            Logits of the texts, shape (B,), and of their tokens, shape (B, T). Higher reads
            more like approved copy. Padding never changes either.
        """
        size = source.shape[1]
        mask = torch.cat([source, text], dim=1) != PAD  # (B, L)
        real = mask[:, size:].unsqueeze(-1)  # (B, T, 1)
        brief = self.embed(source)
        brief = brief + self.read_key(keys_of(source, brief))
        words = self.embed(text) + self.read_fact(recalled(text, source, brief, self.facts))
        brief = brief + self.place[:size] + self.part[0]
        words = words + self.place[: text.shape[1]] + self.part[1]
        states = self.drop(torch.cat([brief, words], dim=1))
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :])
        read = self.norm(states)[:, size:].float() * real  # (B, T, E)
        highest = read.masked_fill(~real, -1e4).amax(1)
        average = read.sum(1) / real.sum(1).clamp(min=1)
        heard = self._phrases(words.float() * real, real)
        logits = self.judge(torch.cat([highest, average, heard], dim=-1)).squeeze(-1)
        return logits.float(), self.judge_token(read).squeeze(-1).float()

    def _phrases(self, words: Tensor, real: Tensor) -> Tensor:
        """The strongest answer of each filter, anywhere in the text: (B, 4 * E/2)."""
        lanes = self.drop(words).transpose(1, 2)  # (B, E, T)
        heard = []
        for convolve in self.phrases:
            found = functional.gelu(convolve(lanes))[:, :, : words.shape[1]]
            heard.append(found.float().masked_fill(~real.transpose(1, 2), -1e4).amax(2))
        return torch.cat(heard, dim=-1)
