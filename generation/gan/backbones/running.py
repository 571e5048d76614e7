"""A language model's run over some briefs: what it has read and written, kept between steps.

Letters: B texts, K of them for each brief, P tokens of a prompt, N of a text, V of the backbone's
vocabulary, E its width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.backbones.guards import Pen
from generation.gan.sampling import Draw, choose

_STEP = 16  # tokens; a processor compiles its kernels for each new shape


class Run:
    """What a backbone has read of some briefs and written for them, kept between steps.

    Args:
        model: the language model.
        logits: of it, as `PretrainedGenerator.logits` gives them.
        prompts: the briefs as its tokens.
        push: z of every text as an embedding, shape (B * K, E).
        copies: K; each brief is read once for all of its texts.

    Attributes:
        next: scores of the next token of each text that goes on, shape (B', V).
    """

    def __init__(
        self,
        model: nn.Module,
        logits: Callable[..., Tensor],
        prompts: Sequence[Sequence[int]],
        push: Tensor,
        *,
        copies: int,
    ) -> None:
        from transformers import DynamicCache  # noqa: PLC0415 - an optional package

        self.logits, self.embed = logits, model.get_input_embeddings()
        ids, self.there = laid_out(prompts, [[]] * len(prompts), 0, push.device)
        self.past = DynamicCache(config=model.config)
        self._hear(self.embed(ids))
        self.past.batch_repeat_interleave(copies)
        self.there = self.there.repeat_interleave(copies, 0)
        self._hear_next(push.unsqueeze(1))

    def keep(self, rows: Tensor) -> None:
        """Forget the texts that are finished: rows (B',) is True where one goes on."""
        self.past.batch_select_indices(rows.nonzero().squeeze(1))
        self.there = self.there[rows]

    def step(self, tokens: Tensor) -> None:
        """Go on with the tokens that were drawn, (B',)."""
        self._hear_next(self.embed(tokens.unsqueeze(1)))

    def _hear_next(self, heard: Tensor) -> None:
        self.there = functional.pad(self.there, (0, 1), value=True)
        self._hear(heard.to(self.embed.weight.dtype))

    def _hear(self, heard: Tensor) -> None:
        self.next = self.logits(
            heard, self.there, keep=1, past_key_values=self.past, use_cache=True
        )[:, -1]


def drawn(probs: Tensor, chance: Tensor, draw: Draw, pens: Sequence[Pen]) -> Tensor:
    """Draw one token from each row of (B, V), again where its text refuses it and has another."""
    tokens = choose(probs, chance, draw)
    for row, pen in enumerate(pens):
        while pen.refuses(int(tokens[row])) and (probs[row] > 0).sum() > 1:
            probs[row, tokens[row]] = 0
            tokens[row] = choose(probs[row : row + 1], chance[row : row + 1], draw)
    return tokens


def laid_out(
    prompts: Sequence[Sequence[int]],
    texts: Sequence[Sequence[int]],
    fill: int,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Prompts padded in front, texts behind, so that every text begins at one place.

    Returns:
        Ids and a mask that is True where a token is real, both of shape (B, P + N).
    """
    before, after = rounded(max(map(len, prompts))), rounded(max(map(len, texts)))
    ids, mask = [], []
    for prompt, text in zip(prompts, texts, strict=True):
        front, back = before - len(prompt), after - len(text)
        ids.append([*[fill] * front, *prompt, *text, *[fill] * back])
        mask.append([*[False] * front, *[True] * (len(prompt) + len(text)), *[False] * back])
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def rounded(size: int) -> int:
    """A length in tokens, rounded up."""
    return -(-size // _STEP) * _STEP
