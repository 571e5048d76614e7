"""D(x, c): does this text read like approved copy for this product?

Letters: B texts, S source tokens, T target tokens, V vocabulary, E width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from generation.gan.choosing import Chooser
from generation.gan.generator import Generator, Memory, Transformer
from generation.gan.liking import Liking
from generation.gan.vocabulary import BEGIN, PAD

_WAVES = 16  # numbers that say how long a text is


class Discriminator(Transformer):
    """The writer's own transformer, with a judge of the text and one of each token on it.

    It begins with the weights of the likelihood-trained writer (`begin_from`): who can say which
    word comes next for a brief knows already what reads like copy for it. From nothing, a shop's
    few thousand texts do not teach that in the minutes that there are.

    The mean and the most of what it read do not say how long the text is, so that is said beside
    them: a writer that draws coolly ends its texts too soon for the length that is asked for.

    What editors like is added, word by word (`Liking`). At decoding it has a further word to say,
    which of a writer's own drafts is nearest to what people write (`Chooser`).

    Args:
        sizes: as of `Transformer`.
    """

    later = ("judge_length",)

    def __init__(self, **sizes: Any) -> None:
        super().__init__(**sizes)
        width = self.embed.embedding_dim
        self.judge_token = nn.Linear(width, 1)
        self.judge = nn.Sequential(
            nn.Linear(2 * width, width),
            nn.GELU(),
            nn.Dropout(self.drop.p),
            nn.Linear(width, 1),
        )
        self.liking = Liking(self.embed.num_embeddings)
        self.chooser = Chooser()
        self.initialise()
        self.judge_length = self.nothing(_WAVES, width)

    @property
    def heads(self) -> tuple[nn.Module, ...]:
        """What a generator does not have, and a discriminator that begins from one has to learn."""
        return self.judge, self.judge_length, self.judge_token

    def begin_from(self, generator: Generator) -> None:
        """Take the generator's weights for all that both have; the sizes must be equal."""
        own = self.state_dict()
        shared = {name: value for name, value in generator.state_dict().items() if name in own}
        self.load_state_dict(own | shared)

    def forward(
        self, source: Tensor, text: Tensor, rows: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Judge texts for briefs.

        Args:
            source: ids of the briefs, shape (B, S).
            text: ids of the texts, shape (B, T), padded on the right with 0.
            rows: where several texts are for one brief, which brief each is for: shape (B,) for
                sources of shape (B', S). Each brief is then read once.

        Returns:
            Logits of the texts, shape (B,), and of their tokens, shape (B, T). Higher reads
            more like approved copy. Padding never changes either.
        """
        states = self.encode(source)
        memory = self.remember(states)
        if rows is not None:
            source, states = source[rows], states[rows]
            memory = [(key[rows], value[rows]) for key, value in memory]
        logits, tokens = self.judged(source, memory, self.hear(text, source, states), text != PAD)
        return logits + self.liking(source, text), tokens

    def judged(
        self, source: Tensor, memory: Sequence[Memory], heard: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Judge embedded texts (B, T, E) for remembered briefs; mask: True where one is real.

        What editors like is not in it: that is of words, not of embeddings. The generator's decoder
        has always begun with <s>, so this one does too.
        """
        begin = self.embed.weight[BEGIN].expand(len(heard), 1, -1)
        whole = torch.cat([begin, heard], dim=1)
        read = self.decode(whole, source, memory)[:, 1:].float()  # (B, T, E)
        real = mask.unsqueeze(-1)  # (B, T, 1)
        highest = read.masked_fill(~real, -1e4).amax(1)
        average = (read * real).sum(1) / real.sum(1).clamp(min=1)
        hidden = self.judge[0](torch.cat([highest, average], dim=-1))
        hidden = hidden + self.judge_length(waves(mask.sum(1), self.max_target))
        logits = self.judge[1:](hidden).squeeze(-1)
        return logits.float(), self.judge_token(read).squeeze(-1).float()


def waves(lengths: Tensor, longest: int) -> Tensor:
    """Lengths (B,) as the first cosines of their share of the longest, shape (B, W).

    Neighbouring lengths are alike, which a vector of its own for each length would have to learn
    (Fourier features: Tancik et al. 2020, section 4).
    """
    share = lengths.float().unsqueeze(-1) / longest
    return torch.cos(math.pi * share * torch.arange(_WAVES, device=lengths.device))
