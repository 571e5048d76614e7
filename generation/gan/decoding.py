"""The generator one token at a time: its weights laid out for that, keys and values kept.

Letters: B texts, S source tokens, T tokens of a text, V vocabulary, E width, H heads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.devices import halves_weights
from generation.gan.generator import DecoderLayer, Generator

# Up to so many texts are written with weights of 8 bits on a processor with bfloat16. A product of
# a few rows is as fast as its weights can be read (24 products and the vocabulary, 1 row: 0.8 ms
# against 1.9 ms in bfloat16 and 2.7 ms in float32; 8 rows: 1.7, 2.5 and 4.4 ms; 48 rows: 8.7, 4.9
# and 9.3 ms). Without bfloat16 the weights have 16 bits for any number of texts (on a processor
# with AVX2, 1 row: 2.0 ms against 4.4 ms in float32; 8 rows: 3.1 and 7.6 ms; 64: 14 and 19 ms).
_FEW = 12

_Product = Callable[[Tensor], Tensor]  # float32 (B, N) of float32 (B, M)


@dataclass(frozen=True)
class _Products:
    """The products of one decoder layer."""

    own: _Product  # queries, keys and values in one; the queries are scaled
    own_out: _Product
    query: _Product  # scaled
    read_out: _Product
    think: tuple[_Product, _Product]

    @classmethod
    def of(cls, layer: DecoderLayer, precision: torch.dtype) -> _Products:
        """Lay out the weights of a layer."""
        own, read, (first, _, second) = layer.attend, layer.read, layer.think
        scale = (own.query.out_features // own.heads) ** -0.5
        return cls(
            own=_product(
                torch.cat([own.query.weight * scale, own.key_value.weight]),
                torch.cat([own.query.bias * scale, own.key_value.bias]),
                precision,
            ),
            own_out=_product(own.out.weight, own.out.bias, precision),
            query=_product(read.query.weight * scale, read.query.bias * scale, precision),
            read_out=_product(read.out.weight, read.out.bias, precision),
            think=(
                _product(first.weight, first.bias, precision),
                _product(second.weight, second.bias, precision),
            ),
        )


@dataclass
class _Layer:
    """One decoder layer: its products, and what it remembers.

    Keys and values stay float32: a single query's products with them are no faster in bfloat16
    on a processor (64 x 4 heads, 60 keys: 435 us against 126 us). Those of the brief are (briefs *
    H, S, E/H), those of the text (B * H, T, E/H), filled from the left.
    """

    norms: tuple[nn.LayerNorm, nn.LayerNorm, nn.LayerNorm]
    products: _Products
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
            products, self.head = _laid_out(generator, self.precision)
            self.layers = [
                self._layer(layer, some, batch=batch, steps=steps)
                for layer, some in zip(generator.decoder, products, strict=True)
            ]
            # A text's position knows its noise, and that of a slot what is in it.
            self.push = generator.noise_in(noise) + generator.read_fact.bias  # (B, E)
            self._look_for_places()
        self.room = torch.empty(batch, generator.embed.num_embeddings, device=device)

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

    def _layer(self, layer: DecoderLayer, products: _Products, *, batch: int, steps: int) -> _Layer:
        states, heads = self.brief.states, self.heads
        shape = (batch * heads, steps, states.shape[-1] // heads)
        keys, values = layer.read.remember(states)
        return _Layer(
            norms=(layer.norm_attend, layer.norm_read, layer.norm_think),
            products=products,
            keys=states.new_zeros(shape),
            values=states.new_zeros(shape),
            brief_keys=keys.flatten(0, 1).contiguous(),
            brief_values=values.flatten(0, 1).contiguous(),
        )

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
        width, products = states.shape[1], layer.products
        parts = products.own(layer.norms[0](states)).view(-1, 3, self.heads, width // self.heads)
        layer.keys[:, at] = parts[:, 1].flatten(0, 1)
        layer.values[:, at] = parts[:, 2].flatten(0, 1)
        keys, values = layer.keys[:, : at + 1], layer.values[:, : at + 1]
        scores = torch.bmm(parts[:, 0].reshape(-1, 1, parts.shape[-1]), keys.transpose(1, 2))
        mixed = torch.bmm(scores.softmax(-1), values).view(-1, width)
        states = states + products.own_out(mixed)

        query = self._by_brief(products.query(layer.norms[1](states)))
        scores = torch.baddbmm(self.hidden, query, layer.brief_keys.transpose(1, 2))
        mixed = self._by_text(torch.bmm(scores.softmax(-1), layer.brief_values), width)
        states = states + products.read_out(mixed)

        first, second = products.think
        return states + second(functional.gelu(first(layer.norms[2](states))))

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
        logits = self.head(states)
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
    if not torch.is_autocast_enabled(device.type):
        return torch.float16 if halves_weights() else torch.float32
    if device.type == "cpu" and batch <= _FEW:
        return torch.int8
    return torch.get_autocast_dtype(device.type)


def _laid_out(
    generator: Generator, precision: torch.dtype
) -> tuple[tuple[_Products, ...], _Product]:
    """The products of each decoder layer, and that with the vocabulary.

    Rounding to 8 or 16 bits takes as long as a dozen tokens, so that is kept as long as the
    weights stay what they are.
    """
    if precision not in {torch.int8, torch.float16}:
        return _products(generator, precision)
    versions = ((id(weight), weight._version) for weight in generator.parameters())  # noqa: SLF001
    state = precision, *versions
    known = _rounded.get(generator)
    if known is None or known[0] != state:
        known = _rounded[generator] = state, _products(generator, precision)
    return known[1]


_rounded: WeakKeyDictionary[Generator, tuple[tuple, tuple]] = WeakKeyDictionary()


def _products(
    generator: Generator, precision: torch.dtype
) -> tuple[tuple[_Products, ...], _Product]:
    layers = tuple(_Products.of(layer, precision) for layer in generator.decoder)
    return layers, _product(generator.embed.weight, None, precision)


def _product(weight: Tensor, bias: Tensor | None, precision: torch.dtype) -> _Product:
    """The product with weights (N, M), and a bias (N,), in a precision."""
    if precision == torch.int8:
        return _rounded_product(weight.detach(), bias)
    if precision == torch.float16:
        packed = torch.ops.quantized.linear_prepack_fp16(weight.detach(), bias)
        return lambda states: torch.ops.quantized.linear_dynamic_fp16(states, packed)
    weight, bias = weight.to(precision), None if bias is None else bias.to(precision)
    if precision == torch.float32:
        return lambda states: functional.linear(states, weight, bias)
    return lambda states: functional.linear(states.to(precision), weight, bias).float()


def _rounded_product(weight: Tensor, bias: Tensor | None) -> _Product:
    """The product with weights of 8 bits, each row of them to its own scale."""
    scales = (weight.abs().amax(1) / 127).clamp_min(1e-8).bfloat16()
    whole = (weight / scales.float().unsqueeze(1)).round().clamp(-127, 127).to(torch.int8)

    def product(states: Tensor) -> Tensor:
        found = torch._weight_int8pack_mm(states.bfloat16(), whole, scales).float()  # noqa: SLF001
        return found if bias is None else found + bias

    return product
