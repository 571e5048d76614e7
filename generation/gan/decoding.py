"""The generator one token at a time: its weights laid out for that, keys and values kept.

Letters: B texts, S source tokens, T tokens of a text, V vocabulary, E width, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.generator import DecoderLayer, Generator

# Fewer texts than this are written in float32 on a processor: its kernels for bfloat16 spend more
# on setting out than a product of a few rows takes (256 x 256, 1 row: 23 us against 6 us).
_FEW = 4

_Linear = tuple[Tensor, Tensor]  # weights and bias


@dataclass
class _Layer:
    """One decoder layer: its weights in the precision of the products, and what it remembers.

    Keys and values stay float32: a single query's products with them are no faster in bfloat16
    on a processor (64 x 4 heads, 60 keys: 435 us against 126 us). Those of the brief are (briefs *
    H, S, E/H), those of the text (B * H, T, E/H), filled from the left.
    """

    norms: tuple[nn.LayerNorm, nn.LayerNorm, nn.LayerNorm]
    own: _Linear  # queries, keys and values in one product; the queries are scaled
    own_out: _Linear
    query: _Linear  # scaled
    read_out: _Linear
    think: tuple[_Linear, _Linear]
    keys: Tensor
    values: Tensor
    brief_keys: Tensor
    brief_values: Tensor

    def keep(self, rows: Tensor, briefs: Tensor) -> None:
        """Go on with some heads of texts, (B' * H,), each of which has a brief to itself."""
        self.keys, self.values = self.keys[rows], self.values[rows]
        self.brief_keys, self.brief_values = self.brief_keys[briefs], self.brief_values[briefs]


class Decoder:
    """Writes texts for briefs, a token of each at a time.

    It gives what `Generator.forward` gives for the texts so far, at the cost of one position. The
    precision of its products is that of the autocast it is made in.

    Args:
        generator: whose texts these are; its weights must not change while it decodes.
        source: ids of the briefs, shape (briefs, S).
        noise: z, shape (B, Z); the B / briefs texts of a brief stand together.
        steps: most tokens of a text.
    """

    def __init__(self, generator: Generator, source: Tensor, *, noise: Tensor, steps: int) -> None:
        device, batch = source.device, len(noise)
        self.generator, self.device = generator, device
        self.heads = generator.decoder[0].attend.heads
        self.copies = batch // len(source)  # texts that share what was read of a brief
        reading = generator.read(source)
        self.precision = _precision(device, batch)
        with torch.autocast(device.type, enabled=False):
            self.brief = replace(
                reading, states=reading.states.float(), places=reading.places.float()
            )
            self.layers = [
                self._layer(layer, batch=batch, steps=steps) for layer in generator.decoder
            ]
            # A text's position knows its noise, and that of a slot what is in it.
            self.push = generator.noise_in(noise) + generator.read_fact.bias  # (B, E)
            self.head = generator.embed.weight.to(self.precision)
            self._look_for_places()
        self.room = torch.empty(batch, self.head.shape[0], device=device)

    def step(self, last: Tensor, at: int) -> Tensor:
        """Read the tokens at position `at`, ids of shape (B,), and tell what may come next.

        Returns:
            Probabilities, shape (B, V); the next step writes over them.
        """
        generator = self.generator
        with torch.autocast(self.device.type, enabled=False):
            states = generator.embed.weight[last] + self.push + generator.place_target[at]
            if generator.facts[last].any():
                states += self._recalled(last)
            for layer in self.layers:
                states = self._through(layer, states, at)
            return self._words(generator.norm_target(states))

    def keep(self, rows: Tensor) -> None:
        """Go on with some of the texts, given as (B,) of bools."""
        kept = rows.nonzero().squeeze(1)
        briefs = kept // self.copies
        self.push, self.brief, self.copies = self.push[kept], self.brief.rows(briefs), 1
        for layer in self.layers:
            layer.keep(self._with_heads(kept), self._with_heads(briefs))
        self._look_for_places()

    def _look_for_places(self) -> None:
        """Lay out what the copy head looks for: its query is a product with the places alone.

        q(s) . k = s W' k + b . k, so that W' k and b . k are worked out once for a brief.
        """
        query, mask = self.generator.copy_query, self.brief.mask
        scale = query.out_features**-0.5
        with torch.autocast(self.device.type, enabled=False):
            sought = self.brief.places @ query.weight * scale
            level = (self.brief.places @ query.bias * scale).masked_fill(~mask, -torch.inf)
        self.sought = sought.transpose(1, 2)  # (briefs, E, S)
        self.level = level.unsqueeze(1)  # (briefs, 1, S)
        hidden = torch.zeros(mask.shape, device=self.device).masked_fill_(~mask, -1e4)
        self.hidden = hidden.repeat_interleave(self.heads, 0).unsqueeze(1)  # (briefs * H, 1, S)
        self.index = self.brief.source.repeat_interleave(self.copies, 0)  # (B, S)

    def _layer(self, layer: DecoderLayer, *, batch: int, steps: int) -> _Layer:
        states, heads = self.brief.states, self.heads
        shape = (batch * heads, steps, states.shape[-1] // heads)
        keys, values = layer.read.remember(states)
        scale = shape[-1] ** -0.5
        own, first, second = layer.attend, layer.think[0], layer.think[2]
        return _Layer(
            norms=(layer.norm_attend, layer.norm_read, layer.norm_think),
            own=self._weights(
                torch.cat([own.query.weight * scale, own.key_value.weight]),
                torch.cat([own.query.bias * scale, own.key_value.bias]),
            ),
            own_out=self._weights(own.out.weight, own.out.bias),
            query=self._weights(layer.read.query.weight * scale, layer.read.query.bias * scale),
            read_out=self._weights(layer.read.out.weight, layer.read.out.bias),
            think=(
                self._weights(first.weight, first.bias),
                self._weights(second.weight, second.bias),
            ),
            keys=states.new_zeros(shape),
            values=states.new_zeros(shape),
            brief_keys=keys.flatten(0, 1).contiguous(),
            brief_values=values.flatten(0, 1).contiguous(),
        )

    def _weights(self, weight: Tensor, bias: Tensor) -> _Linear:
        return weight.to(self.precision), bias.to(self.precision)

    def _with_heads(self, rows: Tensor) -> Tensor:
        """The heads of some rows, (B',), as (B' * H,)."""
        heads = torch.arange(self.heads, device=self.device)
        return (rows.unsqueeze(1) * self.heads + heads).flatten()

    def _recalled(self, last: Tensor) -> Tensor:
        """What the brief says where a token stands for a fact, as `Transformer.hear` adds it."""
        generator = self.generator
        bare = last.view(-1, self.copies)
        heard = generator.hear(bare, self.brief.source, self.brief.states).flatten(0, 1)
        return heard - generator.embed.weight[last] - generator.read_fact.bias

    def _through(self, layer: _Layer, states: Tensor, at: int) -> Tensor:
        """One layer over one position, states (B, E)."""
        precision, width = self.precision, states.shape[1]
        parts = functional.linear(layer.norms[0](states).to(precision), *layer.own).float()
        parts = parts.view(-1, 3, self.heads, width // self.heads)
        layer.keys[:, at] = parts[:, 1].flatten(0, 1)
        layer.values[:, at] = parts[:, 2].flatten(0, 1)
        keys, values = layer.keys[:, : at + 1], layer.values[:, : at + 1]
        scores = torch.bmm(parts[:, 0].reshape(-1, 1, parts.shape[-1]), keys.transpose(1, 2))
        mixed = torch.bmm(scores.softmax(-1), values).view(-1, width)
        states = states + functional.linear(mixed.to(precision), *layer.own_out)

        query = functional.linear(layer.norms[1](states).to(precision), *layer.query).float()
        query = self._by_brief(query)
        scores = torch.baddbmm(self.hidden, query, layer.brief_keys.transpose(1, 2))
        mixed = self._by_text(torch.bmm(scores.softmax(-1), layer.brief_values), width)
        states = states + functional.linear(mixed.to(precision), *layer.read_out)

        first, second = layer.think
        thought = functional.linear(layer.norms[2](states).to(precision), *first)
        return states + functional.linear(functional.gelu(thought), *second)

    def _by_brief(self, states: Tensor) -> Tensor:
        """The heads' parts of (B, E), the texts of a brief together: (briefs * H, copies, E/H)."""
        if self.copies == 1:
            return states.view(-1, 1, states.shape[1] // self.heads)
        parts = states.view(-1, self.copies, self.heads, states.shape[1] // self.heads)
        return parts.transpose(1, 2).flatten(0, 1)

    def _by_text(self, parts: Tensor, width: int) -> Tensor:
        """What `_by_brief` took apart: (B, E)."""
        if self.copies == 1:
            return parts.view(-1, width)
        return parts.unflatten(0, (-1, self.heads)).transpose(1, 2).reshape(-1, width)

    def _words(self, states: Tensor) -> Tensor:
        """`Generator.words` of states (B, E), as probabilities and without new memory."""
        generator, probs = self.generator, self.room[: len(states)]
        logits = functional.linear(states.to(self.precision), self.head)
        logits[:, generator.copied] = -1e4
        torch.softmax(logits, -1, dtype=torch.float32, out=probs)
        gate = generator.copy_gate(states).sigmoid()  # (B, 1)
        found = torch.baddbmm(
            self.level, states.view(-1, self.copies, states.shape[1]), self.sought
        ).softmax(-1)
        probs *= 1 - gate
        probs.scatter_add_(1, self.index, found.view(len(states), -1) * gate)
        return probs.clamp_min_(1e-9)


def _precision(device: torch.device, batch: int) -> torch.dtype:
    if not torch.is_autocast_enabled(device.type) or (device.type == "cpu" and batch < _FEW):
        return torch.float32
    return torch.get_autocast_dtype(device.type)
