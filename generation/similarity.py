"""Which of some texts a text is most like, by the terms that they share: pure arithmetic.

Texts are vectors of tf-idf weights and are compared by the cosine between them (Salton and
Buckley 1988; Manning, Raghavan and Schuetze 2008, sections 6.2 to 6.4): 1 for the same terms as
often, 0 for none in common. What stands in every text counts least.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence


class Index:
    """Texts by their terms; a look-up touches only the texts that share one.

    Args:
        texts: the terms of each text, repeated as often as they stand in it.
    """

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        counted = [Counter(terms) for terms in texts]
        self._size = len(counted)
        self._spread = Counter(term for counts in counted for term in counts)
        self._places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, counts in enumerate(counted):
            for term, weight in self._vector(counts).items():
                self._places[term].append((number, weight))

    def nearest(self, terms: Sequence[str], *, count: int, least: float) -> list[tuple[int, float]]:
        """Numbers of the texts that are most like these terms, with the cosine; nearest first.

        Args:
            terms: of a text.
            count: how many texts, at most.
            least: cosine that a text must have.
        """
        cosines: defaultdict[int, float] = defaultdict(float)
        for term, weight in self._vector(Counter(terms)).items():
            for number, other in self._places.get(term, ()):
                cosines[number] += weight * other
        near = [(number, cosine) for number, cosine in cosines.items() if cosine >= least]
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:count]

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        """(1 + ln tf) (1 + ln((1 + N) / (1 + df))) for each term, of length 1."""
        weights = {
            term: (1 + math.log(often))
            * (1 + math.log((1 + self._size) / (1 + self._spread[term])))
            for term, often in counts.items()
        }
        length = math.hypot(*weights.values())
        return {term: weight / length for term, weight in weights.items()}
