"""G(z, c): next-token log-probabilities given a brief and a noise vector.

Letters: B texts, S source tokens, T target tokens, V vocabulary, E width, H heads, Z noise width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.vocabulary import END, KEY, PAD, VALUE

_COOL = 0.4  # below temperature 1: where patience and restraint count in full, at 0.6 as it ships

Memory = tuple[Tensor, Tensor]  # keys and values that attention looks up, each (B, H, S, E/H)


class Attention(nn.Module):
    """Multi-head attention whose keys and values can be kept between decoding steps.

    Args:
        width: E, a multiple of `heads`.
        heads: H.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def remember(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """Project context (B, S, E) to keys and values, each (B, H, S, E/H)."""
        keys, values = self.key_value(context).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(
        self,
        states: Tensor,
        memory: tuple[Tensor, Tensor],
        mask: Tensor | None = None,
        *,
        causal: bool = False,
    ) -> Tensor:
        """Attend from states (B, T, E) to remembered keys and values; mask is True where real."""
        keys, values = memory
        queries = self._split(self.query(states))
        if causal:
            size = states.shape[1]
            mask = torch.ones(size, size, dtype=torch.bool, device=states.device).tril()
        if torch.is_grad_enabled() or states.shape[1] == 1:
            mixed = _mix(queries, keys, values, mask)
        else:
            mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, T, E)

    def _split(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def _mix(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention written out: (B, H, T, E/H).

    The fused kernel's backward pass took three times as long in bfloat16 on a processor (30 x 4
    heads, 52 x 66 positions: 21 ms against 7 ms), and one query at a time six times as long (96 x 4
    heads, 150 keys: 6.7 ms against 1.2 ms); its forward pass over a whole text is the faster one.
    """
    scores = (queries @ keys.transpose(-1, -2)) * queries.shape[-1] ** -0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return scores.softmax(-1).to(values.dtype) @ values


class FeedForward(nn.Sequential):
    """Two linear layers with a GELU between them."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward layer, normalised before each."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attend, self.think = Attention(width, heads), FeedForward(width, inner)
        self.norm_attend, self.norm_think = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Map states (B, S, E) to states; mask (B, 1, 1, S) is True where a token is real."""
        normed = self.norm_attend(states)
        states = states + self.drop(self.attend(normed, self.attend.remember(normed), mask))
        return states + self.drop(self.think(self.norm_think(states)))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the brief, and a feed-forward layer."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attend, self.read = Attention(width, heads), Attention(width, heads)
        self.think = FeedForward(width, inner)
        self.norm_attend, self.norm_read = nn.LayerNorm(width), nn.LayerNorm(width)
        self.norm_think = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor, brief: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """Map states (B, T, E) to states, each position seeing those before it and the brief."""
        normed = self.norm_attend(states)
        own = self.attend.remember(normed)
        states = states + self.drop(self.attend(normed, own, causal=True))
        states = states + self.drop(self.read(self.norm_read(states), brief, mask))
        return states + self.drop(self.think(self.norm_think(states)))


def keys_of(source: Tensor, embedded: Tensor) -> Tensor:
    """What each token of a brief is said of: the mean embedding of its attribute's key.

    A value means little without its key ("oak" of a frame, or of a colour?), so every token of an
    attribute carries the key's (field embeddings: Lebret et al. 2016, section 4).

    Args:
        source: ids of the briefs, shape (B, S).
        embedded: their embeddings, shape (B, S, E).

    Returns:
        Shape (B, S, E), zero before the first attribute.
    """
    opened, closed = (source == KEY).cumsum(1), (source == VALUE).cumsum(1)  # (B, S)
    inside = (opened > closed) & (source != KEY)
    own = (opened.unsqueeze(2) == opened.unsqueeze(1)) & inside.unsqueeze(1)  # (B, S, S)
    share = own.to(embedded.dtype) / own.sum(2, keepdim=True).clamp(min=1)
    return (share @ embedded) * (opened > 0).unsqueeze(2)


def recalled(tokens: Tensor, source: Tensor, states: Tensor, facts: Tensor) -> Tensor:
    """What a fact's token stands for: the state of its place in the brief.

    A slot's own embedding says nothing of what is in it; so who reads a text with slots reads
    the brief's state there too (the selective read of CopyNet: Gu et al. 2016, section 3.3).

    Args:
        tokens: ids of the texts, shape (B, T).
        source: ids of the briefs, shape (B, S).
        states: of the briefs' tokens, shape (B, S, E).
        facts: True for ids that stand for facts, shape (V,).

    Returns:
        Shape (B, T, E), zero where a token is no fact of its brief.
    """
    same = (tokens.unsqueeze(2) == source.unsqueeze(1)) & facts[tokens].unsqueeze(2)  # (B, T, S)
    share = same.to(states.dtype) / same.sum(2, keepdim=True).clamp(min=1)
    return share @ states


@dataclass(frozen=True)
class Reading:
    """Briefs as a generator has read them, once for all that is written from them.

    Args:
        source: their ids, shape (B, S).
        states: what each token means in its brief, shape (B, S, E).
        mask: True where a token is real, shape (B, S).
        places: what the copy head looks for, shape (B, S, E).
    """

    source: Tensor
    states: Tensor
    mask: Tensor
    places: Tensor

    def rows(self, index: Tensor) -> Reading:
        """Some of the briefs, or some several times: index is (B',) of rows, or (B,) of bools."""
        return Reading(self.source[index], self.states[index], self.mask[index], self.places[index])


class Transformer(nn.Module):
    """Reads a brief and a text for it: what both players are made of.

    Args:
        vocab_size: V, ids; id 0 is padding.
        width: E, width of every state.
        heads: H, attention heads; divides E.
        encoder_layers: layers that read the brief.
        decoder_layers: layers over the text.
        feedforward: inner width of the feed-forward layers.
        dropout: share of activations dropped while learning.
        max_source: longest brief in tokens.
        max_target: longest text in tokens.
        copied: ids that stand for facts of a brief.
    """

    later: tuple[str, ...] = ()  # layers that weights from before them know nothing of

    def __init__(  # noqa: PLR0913, PLR0917 - the sizes of one model, all plain numbers
        self,
        vocab_size: int,
        width: int,
        heads: int,
        encoder_layers: int,
        decoder_layers: int,
        feedforward: int,
        dropout: float,
        max_source: int,
        max_target: int,
        copied: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.register_buffer("copied", torch.tensor(list(copied), dtype=torch.long), False)
        self.register_buffer("facts", torch.zeros(vocab_size, dtype=torch.bool), False)
        self.facts[self.copied] = True
        self.max_source, self.max_target = max_source, max_target
        self.embed = nn.Embedding(vocab_size, width, padding_idx=PAD)
        self.place_source = nn.Parameter(torch.zeros(max_source, width))
        self.place_target = nn.Parameter(torch.zeros(max_target + 1, width))  # <s>, and the text
        sizes = (width, heads, feedforward, dropout)
        self.encoder = nn.ModuleList(EncoderLayer(*sizes) for _ in range(encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(*sizes) for _ in range(decoder_layers))
        self.norm_source, self.norm_target = nn.LayerNorm(width), nn.LayerNorm(width)
        self.read_key, self.read_fact = nn.Linear(width, width), nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def initialise(self) -> None:
        """Draw the first weights of all that stands in the module now."""
        width = self.embed.embedding_dim
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.embed.weight, std=width**-0.5)
        nn.init.normal_(self.read_key.weight, std=width**-0.5)
        nn.init.normal_(self.read_fact.weight, std=0.1 * width**-0.5)
        nn.init.normal_(self.place_source, std=0.02)
        nn.init.normal_(self.place_target, std=0.02)
        with torch.no_grad():
            self.embed.weight[PAD].zero_()

    @staticmethod
    def nothing(inputs: int, outputs: int) -> nn.Linear:
        """A layer that begins at 0 and draws no chance: all else begins as it would without it."""
        layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=False)
        nn.init.zeros_(layer.weight)
        return layer

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """Take weights in; a layer that they are older than counts for nothing."""
        for name in self.later:
            weight = getattr(self, name).weight
            state.setdefault(f"{prefix}{name}.weight", torch.zeros_like(weight))
        super()._load_from_state_dict(state, prefix, *rest)

    def encode(self, source: Tensor) -> Tensor:
        """What each token means in its brief: ids (B, S) to states (B, S, E)."""
        words = self.embed(source)
        keys = self.read_key(keys_of(source, words))
        states = self.drop(words + keys + self.place_source[: source.shape[1]])
        mask = (source != PAD)[:, None, None, :]
        for layer in self.encoder:
            states = layer(states, mask)
        return self.norm_source(states)

    def hear(self, inputs: Tensor, source: Tensor, states: Tensor) -> Tensor:
        """Embed a text, (B, T), facts with what the brief says there: (B, T, E)."""
        facts = recalled(inputs, source, states, self.facts)
        return self.embed(inputs) + self.read_fact(facts)

    def remember(self, states: Tensor) -> list[Memory]:
        """What each layer over the text looks up in encoded briefs (B, S, E)."""
        return [layer.read.remember(states) for layer in self.decoder]

    def decode(self, heard: Tensor, source: Tensor, memory: Sequence[Memory]) -> Tensor:
        """Each position of an embedded text (B, T, E) with what stands before it, (B, T, E)."""
        read = self.drop(heard + self.place_target[: heard.shape[1]])
        mask = (source != PAD)[:, None, None, :]
        for layer, brief in zip(self.decoder, memory, strict=True):
            read = layer(read, brief, mask)
        return self.norm_target(read)


def _coolness(temperature: float) -> float:
    """0 at temperature 1 and above, 1 at 0.6, and on as it gets cooler."""
    return max((1 - temperature) / _COOL, 0.0)


def _with_again(words: Tensor, inputs: Tensor, again: Tensor, held: Tensor) -> Tensor:
    """Add what a token has more or less, (V,), to (B, T, V) where the text (B, T) holds it.

    Only to texts that are `held` to that, (B, 1).
    """
    same = inputs.unsqueeze(2) == inputs.unsqueeze(1)  # (B, T, T)
    is_first = ~same.tril(-1).any(2)
    before = torch.ones_like(same[0]).tril()  # what is read at a place, itself included
    counted = again[inputs] * is_first * held  # (B, T)
    places = inputs.unsqueeze(1).expand_as(same)
    return words.scatter_add_(2, places, counted.unsqueeze(1) * before)


class NoiseChannel(nn.Module):
    """The rate-limited way of z into a generator.

    While learning, z is drawn round what the text itself says, q(z|x) = N(gamma * BN(mu(x)),
    1 - gamma^2), whose mixture over texts has the prior's mean and variance by construction, so
    the channel neither collapses nor needs a KL term (after Zhu et al. 2020, equation 6); while
    writing, z ~ N(0, 1).
    """

    def add_noise(self, *, width: int, inner: int, noise_width: int, noise_rate: float) -> None:
        """Make the channel's layers.

        Args:
            width: E, of what z is added to, and of what a text is summed up in.
            inner: width of the layer between that and z.
            noise_width: Z.
            noise_rate: gamma, between 0 and 1.
        """
        self.noise_width, self.noise_rate = noise_width, noise_rate
        self.noise_in = nn.Linear(noise_width, width)
        self.noise_mean = nn.Sequential(
            nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, noise_width)
        )
        self.noise_norm = nn.BatchNorm1d(noise_width, affine=False)

    @property
    def single(self) -> tuple[nn.Module, ...]:
        """Layers of single numbers, which no step of many small weights would move."""
        return ()

    def noise_around(self, gist: Tensor, chance: torch.Generator | None = None) -> Tensor:
        """Draw z ~ q(z|x) for what texts say, (B, E): shape (B, Z)."""
        mean = self.noise_mean(gist)
        spread = torch.randn(mean.shape, generator=chance).to(mean)
        rate = self.noise_rate
        return rate * self._normed(mean.float()) + (1 - rate**2) ** 0.5 * spread

    def _normed(self, mean: Tensor) -> Tensor:
        """Batch-normalise (B, Z); one text alone has no spread, so it uses the running figures."""
        norm = self.noise_norm
        batch = self.training and mean.shape[0] > 1
        return functional.batch_norm(mean, norm.running_mean, norm.running_var, training=batch)


class Generator(Transformer, NoiseChannel):
    """A transformer with a copy head and a rate-limited noise channel.

    A word comes from the vocabulary or is copied from the brief (See et al. 2017, equation 9).
    The noise z reaches every decoder position.

    A text that is drawn coolly ends too soon: where most go on and some end, what is likeliest is
    made likelier, and in the end something ends. Weights that write at every temperature alike
    can mend that at one only by breaking it at another, and likelihood, at temperature 1, never
    sees it. So how readily a cool text ends (`patience`) is a number of its own, which the game
    learns. Likewise a cool text says the same words again and again, because what it has said makes
    them likely: how much of that is taken off (`restraint`) is a second such number. Calm copy has
    neither: its plan says when it ends, and the forms in which it states facts are alike.

    Args:
        vocab_size: V, ids; id 0 is padding.
        width: E, width of every state.
        heads: H, attention heads; divides E.
        encoder_layers: layers that read the brief.
        decoder_layers: layers that write.
        feedforward: inner width of the feed-forward layers.
        noise_width: Z, numbers in a noise vector.
        noise_rate: gamma, between 0 and 1.
        dropout: share of activations dropped while learning.
        max_source: longest brief in tokens.
        max_target: longest text in tokens.
        copied: ids that only the copy head can write. Which fact fits is then told by what the
            brief says of it, never by how often its place in a brief was used.
        restrained: ids that restraint holds back: words that a text seldom has to say again.
        calm: what stands second and third in a brief for calm copy.
    """

    later = ("patience", "restraint")

    def __init__(
        self,
        *,
        noise_width: int,
        noise_rate: float,
        restrained: Sequence[int] = (),
        calm: Sequence[int] = (),
        **sizes: Any,
    ) -> None:
        super().__init__(**sizes)
        width = self.embed.embedding_dim
        self.add_noise(width=width, inner=width, noise_width=noise_width, noise_rate=noise_rate)
        self.copy_query, self.copy_key = nn.Linear(width, width), nn.Linear(width, width)
        self.copy_gate = nn.Linear(width, 1)
        self.initialise()
        self.patience, self.restraint = self.nothing(1, 1), self.nothing(1, 1)
        self.register_buffer("restrained", torch.zeros_like(self.facts), False)
        self.restrained[list(restrained)] = True
        self.calm = tuple(calm)

    @property
    def single(self) -> tuple[nn.Module, ...]:
        """Patience and restraint: one number each, in nats."""
        return self.patience, self.restraint

    def is_calm(self, source: Tensor) -> Tensor:
        """Which briefs of (B, S) ask for calm copy, (B,)."""
        if not self.calm:
            return torch.zeros_like(source[:, 0], dtype=torch.bool)
        return (source[:, 1:3] == source.new_tensor(self.calm)).all(1)

    def ending(self, temperature: float) -> Tensor:
        """What is added to the log-probability of </s> before it is cooled: nats, shape (1,).

        Nothing at temperature 1 and above; below 0.6, as much as there.
        """
        cool = self.patience.weight.new_tensor([min(_coolness(temperature), 1.0)])
        return -self.patience(cool).float()

    def again(self, temperature: float) -> Tensor:
        """What is added to the log-probability of each token that its text holds already: (V,).

        In nats, before it is cooled; nothing at temperature 1 and above, and below 0.6 the more of
        it, as the cooler a text is drawn the more it falls into loops.
        """
        cool = self.restraint.weight.new_tensor([_coolness(temperature)])
        return -self.restraint(cool).float() * self.restrained

    def noise_of(self, targets: Tensor, chance: torch.Generator | None = None) -> Tensor:
        """Draw z ~ q(z|x) for texts (B, T): shape (B, Z)."""
        real = (targets != PAD).unsqueeze(-1)
        embedded = self.embed(targets).float() * real  # (B, T, E)
        return self.noise_around(embedded.sum(1) / real.sum(1).clamp(min=1) ** 0.5, chance)

    def read(self, source: Tensor) -> Reading:
        """Encode briefs, ids of shape (B, S)."""
        states = self.encode(source)
        return Reading(source, states, source != PAD, self.copy_key(states))

    def forward(self, source: Tensor, inputs: Tensor, noise: Tensor) -> Tensor:
        """Log-probabilities of each next token.

        Args:
            source: ids of the briefs, shape (B, S).
            inputs: ids of the texts so far, shape (B, T), beginning with <s>.
            noise: z, shape (B, Z).

        Returns:
            Log-probabilities, shape (B, T, V).
        """
        brief = self.read(source)
        return self.words(self._states(brief, inputs, noise), brief)

    def log_likelihood(
        self,
        source: Tensor,
        inputs: Tensor,
        targets: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        cooled_as: Generator | None = None,
    ) -> Tensor:
        """Log-probability of each target token, as `forward` would give it.

        At temperature 1 that is a tenth of the cost; at others the whole vocabulary is looked at.

        Args:
            source: ids of the briefs, shape (B, S).
            inputs: ids of the texts so far, shape (B, T), beginning with <s>.
            targets: ids of the next tokens, shape (B, T).
            noise: z, shape (B, Z).
            temperature: at which the texts are drawn, above 0: a token's probability p becomes
                p^(1/temperature), that of </s> less its patience before and that of a word that is
                there less its restraint unless the copy is calm, and all of them are made to sum
                to 1 again.
            cooled_as: whose patience and restraint those are; its own.

        Returns:
            Log-probabilities, shape (B, T), 0 on padding.
        """
        brief = self.read(source)
        states = self._states(brief, inputs, noise)
        if temperature != 1:
            words, whose = self.words(states, brief), cooled_as or self
            held = ~self.is_calm(source).unsqueeze(1)
            words[..., END] += whose.ending(temperature) * held
            cooled = _with_again(words, inputs, whose.again(temperature), held) / temperature
            found = cooled.gather(2, targets.unsqueeze(2)).squeeze(2) - cooled.logsumexp(2)
            return found * (targets != PAD)
        logits = self._logits(states)  # (B, T, V)
        written = -functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), reduction="none"
        ).view_as(targets)
        copied, gate = self.copying(states, brief)
        same = source.unsqueeze(1) == targets.unsqueeze(2)  # (B, T, S)
        found = (copied * same).sum(-1)
        gate = gate.squeeze(-1)
        mixed = (1 - gate) * written.exp() + gate * found
        return mixed.clamp_min(1e-9).log() * (targets != PAD)

    def words(self, states: Tensor, brief: Reading) -> Tensor:
        """Mix the vocabulary with words of the brief: log-probabilities (B, T, V) in float32."""
        written = self._logits(states).softmax(-1)  # (B, T, V)
        copied, gate = self.copying(states, brief)
        index = brief.source.unsqueeze(1).expand_as(copied)
        mixed = ((1 - gate) * written).scatter_add(2, index, gate * copied)
        return mixed.clamp_min(1e-9).log()

    def _states(self, brief: Reading, inputs: Tensor, noise: Tensor) -> Tensor:
        heard = self.hear(inputs, brief.source, brief.states) + self.noise_in(noise).unsqueeze(1)
        return self.decode(heard, brief.source, self.remember(brief.states))

    def _logits(self, states: Tensor) -> Tensor:
        """Scores of the vocabulary (B, T, V), without the ids that are copied."""
        logits = functional.linear(states, self.embed.weight).float()
        return logits.index_fill_(-1, self.copied, -1e4) if len(self.copied) else logits

    def copying(self, states: Tensor, brief: Reading) -> tuple[Tensor, Tensor]:
        """Where in the brief to copy from, (B, T, S), and how likely copying is, (B, T, 1)."""
        match = self.copy_query(states) @ brief.places.transpose(1, 2)
        match = match.float() * states.shape[-1] ** -0.5
        where = match.masked_fill(~brief.mask.unsqueeze(1), -torch.inf).softmax(-1)
        return where, self.copy_gate(states).float().sigmoid()
