"""A pretrained language model as G(z, c): frozen, with an adapter that learns.

It stands where the compact generator stands, and is asked in the same ids. Letters: B texts,
S source tokens, T target tokens, Z noise width; and in the backbone's own tokens P of a prompt,
N of a text, V of its vocabulary, E its width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint as recomputed

from generation.gan.backbones.adapters import adapted, is_own, sharing
from generation.gan.backbones.guards import Pen, Script, scripts
from generation.gan.backbones.loading import Backbone
from generation.gan.backbones.running import Run, drawn, laid_out, rounded
from generation.gan.backbones.spelling import Spelling
from generation.gan.config import BackboneConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import NoiseChannel
from generation.gan.limits import Limits
from generation.gan.sampling import Draw
from generation.gan.vocabulary import PAD, Vocabulary

_ROWS = 8  # texts that are read at once while learning: what is in between fills the memory
_NOISE_INNER = 128  # width of the layer between a text's gist and z
_MOST_TOKENS = 12  # of a backbone for one of the vocabulary: a slot's name is several
_KEPT = 0.75  # of the texts go on: below that the finished ones are forgotten


class PretrainedGenerator(NoiseChannel):
    """A language model that writes masked copy for briefs.

    The brief is its prompt, then comes z as one embedding, then the text. Only the adapter (LoRA:
    Hu et al. 2021) and the noise channel learn, and only they are in its state. Copies share the
    language model's own weights, so an anchor or an average costs no more than its adapter.

    Args:
        backbone: the language model.
        vocabulary: whose ids briefs and texts are.
        config: sizes of the adapter.
    """

    def __init__(self, backbone: Backbone, vocabulary: Vocabulary, config: BackboneConfig) -> None:
        super().__init__()
        self.model = adapted(backbone.model, config)
        width = self.model.get_input_embeddings().embedding_dim
        self.add_noise(
            width=width,
            inner=_NOISE_INNER,
            noise_width=config.noise_width,
            noise_rate=config.noise_rate,
        )
        for layer in (self.noise_in, self.noise_mean[0], self.noise_mean[2]):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        self.max_source, self.max_target = config.max_source, config.max_target
        self.max_steps = _MOST_TOKENS * config.max_target
        self.spelling = Spelling(
            backbone.tokenizer, vocabulary, begin=backbone.begin, end=backbone.end
        )
        self.scripts = scripts(self.spelling, backbone.pieces)
        self.register_buffer("gist", self._gists(vocabulary), persistent=False)

    def _gists(self, vocabulary: Vocabulary) -> Tensor:
        """What each token of the vocabulary says, as the backbone's mean embedding: (V', E)."""
        embed = self.model.get_input_embeddings()
        pieces = vocabulary.pieces(range(vocabulary.size))
        rows = []
        for cut in self.spelling.tokenizer.encode_batch(pieces, add_special_tokens=False):
            ids = torch.tensor(cut.ids or [self.spelling.end])
            rows.append(functional.layer_norm(embed(ids).float().mean(0), (embed.embedding_dim,)))
        return torch.stack(rows)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy with an adapter of its own on the same language model."""
        memo |= {id(part): part for part in (self.spelling, self.scripts)}
        return sharing(self, is_own, memo)

    def state_dict(self, *args: Any, **wishes: Any) -> dict[str, Tensor]:
        """The adapter and the noise channel."""
        whole = super().state_dict(*args, **wishes)
        return {name: value for name, value in whole.items() if is_own(name)}

    def load_state_dict(self, state: dict[str, Tensor], strict: bool = True, **wishes: Any) -> Any:
        """Take the weights that `state_dict` gave.

        Raises:
            RuntimeError: they are another adapter's.
        """
        if strict and state.keys() != self.state_dict().keys():
            raise RuntimeError("The weights are not those of such an adapter.")
        return super().load_state_dict(state, strict=False, **wishes)

    def noise_of(self, targets: Tensor, chance: torch.Generator | None = None) -> Tensor:
        """Draw z ~ q(z|x) for texts (B, T): shape (B, Z)."""
        real = (targets != PAD).unsqueeze(-1)
        said = self.gist[targets] * real  # (B, T, E)
        return self.noise_around(said.sum(1) / real.sum(1).clamp(min=1) ** 0.5, chance)

    def log_likelihood(
        self,
        source: Tensor,
        inputs: Tensor,
        targets: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        cooled_as: PretrainedGenerator | None = None,
    ) -> Tensor:
        """Log-probability of texts for briefs, as the compact generator gives it.

        A backbone cuts a text into other tokens. What the whole text has is spread evenly over
        the vocabulary's, so sums and means over a text are true, and nats a token compare with
        the compact generator's.

        Args:
            source: ids of the briefs, shape (B, S).
            inputs: not needed: a backbone begins its texts itself.
            targets: ids of the texts, shape (B, T).
            noise: z, shape (B, Z).
            temperature: at which the texts are drawn, above 0.
            cooled_as: not needed: it has neither patience nor restraint.

        Returns:
            Log-probabilities, shape (B, T), 0 on padding.
        """
        prompts, texts = [], []
        for read, written in zip(source.tolist(), targets.tolist(), strict=True):
            brief = [index for index in read if index != PAD]
            prompts.append(self.spelling.prompt(brief))
            texts.append(self.spelling.text(brief, written))
        learns = torch.is_grad_enabled() and len(texts) > _ROWS
        found = []
        for start in range(0, len(texts), _ROWS):
            some = slice(start, start + _ROWS)
            ids, mask = laid_out(prompts[some], texts[some], self.spelling.end, source.device)
            longest = rounded(max(map(len, texts[some])))
            args = (ids, mask, longest, noise[some], temperature)
            if learns:  # what is between is computed again on the way back, a few texts at a time
                found.append(recomputed(self._again, self.training, *args, use_reentrant=False))
            else:
                found.append(self._of_texts(*args))
        whole = torch.cat(found)  # (B,)
        real = targets != PAD
        return (whole / real.sum(1).clamp(min=1)).unsqueeze(1) * real

    def _again(self, is_training: bool, *args: Any) -> Tensor:
        """`_of_texts` with dropout as it was, whatever was set before the way back."""
        now = self.training
        self.train(is_training)
        try:
            return self._of_texts(*args)
        finally:
            self.train(now)

    def _of_texts(
        self, ids: Tensor, mask: Tensor, size: int, noise: Tensor, temperature: float
    ) -> Tensor:
        """Log-probability of each text: ids and mask (B, P + N) of which the last N are texts."""
        embedded = self.model.get_input_embeddings()(ids)
        push = self.noise_in(noise).to(embedded.dtype).unsqueeze(1)  # (B, 1, E)
        heard = torch.cat([embedded[:, :-size], push, embedded[:, -size:-1]], dim=1)
        there = torch.cat([mask[:, :-size], torch.ones_like(mask[:, :1]), mask[:, -size:-1]], dim=1)
        logits = self.logits(heard, there, keep=size)  # (B, N, V)
        targets = ids[:, -size:]
        log_probs = -functional.cross_entropy(
            logits.flatten(0, 1).float() / temperature, targets.flatten(), reduction="none"
        ).view_as(targets)
        return (log_probs * mask[:, -size:]).sum(1)

    def logits(self, heard: Tensor, there: Tensor, *, keep: int, **wishes: Any) -> Tensor:
        """Scores of the next token at the last `keep` positions: (B, keep, V)."""
        places = (there.long().cumsum(1) - 1).clamp(min=0)[:, -heard.shape[1] :]
        with half_precision(heard.device):
            answer = self.model(
                inputs_embeds=heard,
                attention_mask=there.long(),
                position_ids=places,
                logits_to_keep=keep,
                **{"use_cache": False, **wishes},
            )
        return answer.logits[:, -keep:]

    @torch.no_grad()
    def write(
        self,
        sources: Sequence[Sequence[int]],
        *,
        noise: Tensor,
        uniforms: Tensor,
        limits: Limits,
        copies: int,
        draw: Draw,
    ) -> tuple[Tensor, Tensor]:
        """Write texts for briefs: K for each, those of one brief standing together.

        Args:
            sources: ids of the briefs.
            noise: z, shape (B * K, Z).
            uniforms: chance of each step, shape (B * K, steps): most tokens of the backbone.
            limits: what the texts keep to.
            copies: K.
            draw: how each token is drawn.

        Returns:
            Ids of the vocabulary, shape (B * K, T), each text closed by </s> and padded with 0;
            and log-probabilities as of `log_likelihood`, before any temperature and any rule.
        """
        self.eval()
        self.to(device_of(self))  # a copy that learnt may have taken the weights elsewhere and back
        pens = writing = self._pens(sources, limits, copies)
        surely = torch.zeros(len(pens), device=device_of(self))
        rows = torch.arange(len(pens), device=surely.device)
        chance = uniforms.to(surely)
        run = self._run(sources, noise.to(surely), copies)
        for at in range(chance.shape[1]):
            believed = run.next.float().log_softmax(-1)  # (B', V)
            free = torch.stack([pen.allowed() for pen in writing]).to(surely.device)
            probs = believed.masked_fill(~free, -torch.inf).softmax(-1)
            tokens = drawn(probs, chance[rows, at], draw, writing)
            goes_on = torch.tensor([not pen.is_done for pen in writing], device=surely.device)
            surely[rows] += believed.gather(1, tokens.unsqueeze(1)).squeeze(1) * goes_on
            for pen, token in zip(writing, tokens.tolist(), strict=True):
                pen.take(token)
            goes_on = torch.tensor([not pen.is_done for pen in writing], device=surely.device)
            if not goes_on.any():
                break
            if goes_on.float().mean() < _KEPT:
                run.keep(goes_on)
                rows, tokens = rows[goes_on], tokens[goes_on]
                writing = [pen for pen in writing if not pen.is_done]
            run.step(tokens)
        return self._read(pens, surely)

    def _run(self, sources: Sequence[Sequence[int]], noise: Tensor, copies: int) -> Run:
        prompts = [self.spelling.prompt(source) for source in sources]
        return Run(self.model, self.logits, prompts, self.noise_in(noise), copies=copies)

    def _pens(self, sources: Sequence[Sequence[int]], limits: Limits, copies: int) -> list[Pen]:
        pens = []
        for at, source in enumerate(sources):
            script: Script = self.scripts[self.spelling.vocabulary.language(source)]
            marks = self.spelling.marks(source)
            is_calm = self.spelling.vocabulary.is_led(source)
            pens += [
                Pen(
                    script,
                    marks,
                    minimum=limits.minimum[at],
                    maximum=min(limits.maximum, self.max_target),
                    required=limits.required[at] if limits.required else (),
                    words=limits.words[at] if limits.words else (),
                    repeats=0 if is_calm else limits.repeats,
                )
                for _ in range(copies)
            ]
        return pens

    def _read(self, pens: Sequence[Pen], surely: Tensor) -> tuple[Tensor, Tensor]:
        """Texts as ids of the vocabulary, (B, T), with what each has spread over them."""
        rows = [self.spelling.read(pen.written, limit=self.max_target) for pen in pens]
        longest = max(map(len, rows))
        texts = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
        texts = texts.to(surely.device)
        real = texts != PAD
        return texts, (surely / real.sum(1)).unsqueeze(1) * real
