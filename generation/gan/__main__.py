"""Train, sample and measure with no database: `python -m generation.gan --help`."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import evaluation, explaining, learning, ranks, standings, storing, writing
from generation.gan.briefing import MOST_FACT_CHARS, is_in_third_language, is_too_long, parted
from generation.gan.checkpoint import CheckpointDamaged
from generation.gan.config import TrainingConfig
from generation.gan.contest import contest
from generation.gan.measuring import measure
from generation.gan.records import LANGUAGES, STYLES, Record, read_records
from generation.gan.taste import Editor, taste
from generation.gan.training import Collapsed

UNSURE = "The writer is sure of no text for this brief, so give it more facts than a title."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the exit code."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        with ranks.joined():
            for line in options.run(options):
                _say(line)
    except (CheckpointDamaged, Collapsed, OSError, ValueError) as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915 - one line for each option
    parser = argparse.ArgumentParser(prog="python -m generation.gan", description=__doc__)
    parser.add_argument("--threads", type=_count, default=1, help="torch threads (default 1)")
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument(
        "--backbone", type=Path, help="folder of the language model that a checkpoint writes with"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    prepare = commands.add_parser("prepare", help="say what of a corpus is worth learning from")
    prepare.add_argument("corpus", nargs="+", type=Path)
    prepare.add_argument("--into", type=Path, help="file for what is, as .jsonl or .jsonl.gz")
    prepare.set_defaults(run=_prepare)

    train = commands.add_parser("train", help="train a writer from nothing")
    train.add_argument("corpus", nargs="+", type=Path)
    train.add_argument("--into", required=True, type=Path, help="folder of the new checkpoint")
    train.add_argument("--split", type=Path, help='JSON: {"train": [refs], "dev": [], "test": []}')
    train.add_argument(
        "--weight",
        type=_weight,
        action="append",
        default=[],
        metavar="START=SHARE",
        help="draw texts whose id begins so in this share of the epochs",
    )
    train.add_argument(
        "--base", type=Path, help="also keep the writer there as it is before the game"
    )
    train.add_argument(
        "--keep-texts",
        action="store_true",
        help="keep some of the texts beside it, for trainings that go on from it to rehearse",
    )
    train.add_argument(
        "--backbone", type=Path, help="folder of a language model to tune (requirements-large.txt)"
    )
    train.add_argument(
        "--judge",
        type=Path,
        help="with --backbone: checkpoint whose vocabulary and discriminator it begins with",
    )
    train.add_argument("--minutes", type=_minutes, default=60)
    train.add_argument("--seed", type=int, default=1)
    train.add_argument(
        "--work", type=Path, help="folder to keep the training's place in; go on from it if it does"
    )
    train.add_argument(
        "--every", type=float, default=60, metavar="SECONDS", help="how often to keep it"
    )
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    train.add_argument(
        "--settings",
        type=Path,
        help='JSON of rates and sizes: {"training": {}, "generator": {}}',
    )
    train.set_defaults(run=_train)

    contest = commands.add_parser(
        "contest",
        parents=[model],
        help="train, from one likelihood-trained base, the game and its control",
    )
    contest.add_argument("base", type=Path, help="checkpoint that `train --base` left")
    contest.add_argument("corpus", nargs="+", type=Path)
    contest.add_argument("--into", required=True, type=Path, help="folder for both")
    contest.add_argument("--split", type=Path)
    contest.add_argument(
        "--weight", type=_weight, action="append", default=[], metavar="START=SHARE"
    )
    contest.add_argument("--seed", type=int, default=1)
    contest.add_argument("--work", type=Path, help="folder to keep its place in")
    contest.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    contest.add_argument(
        "--settings", type=Path, help='JSON of rates and lengths: {"training": {}}'
    )
    contest.set_defaults(run=_contest)

    taste = commands.add_parser(
        "taste",
        parents=[model],
        help="measure how well the decisions of one consistent editor are learnt",
    )
    taste.add_argument("checkpoint", type=Path)
    taste.add_argument("corpus", nargs="+", type=Path, help="a shop's texts: briefs and rehearsal")
    taste.add_argument("--fault", required=True, help="regular expression of what is refused")
    taste.add_argument("--language", choices=LANGUAGES, help="decide drafts of one language")
    taste.add_argument("--into", required=True, type=Path, help="folder of what has learnt")
    taste.add_argument("--split", type=Path)
    taste.add_argument("--decisions", type=_count, default=200)
    taste.add_argument("--minutes", type=_minutes, default=10)
    taste.add_argument("--seed", type=int, default=1)
    taste.set_defaults(run=_taste)

    sample = commands.add_parser("sample", parents=[model], help="write texts for briefs")
    sample.add_argument("checkpoint", type=Path)
    sample.add_argument("briefs", type=Path)
    sample.add_argument("--variants", type=int, default=1)
    sample.add_argument("--limit", type=int, default=10, help="how many briefs")
    sample.add_argument("--seed", type=int, default=1)
    sample.set_defaults(run=_sample)

    explain = commands.add_parser(
        "explain",
        parents=[model],
        help="say what moved a text's score, and which fact each phrase tells",
    )
    explain.add_argument("checkpoint", type=Path)
    texts = explain.add_mutually_exclusive_group(required=True)
    texts.add_argument("--briefs", type=Path, help="write a text for each of these, and explain it")
    texts.add_argument("--data", type=Path, help="explain the texts that these records hold")
    explain.add_argument("--limit", type=_count, default=10, help="how many briefs or texts")
    explain.add_argument("--steps", type=_count, default=0, help="of the gradients' sum")
    explain.add_argument("--seed", type=int, default=1, help="of what is written")
    explain.set_defaults(run=_explain)

    evaluate = commands.add_parser(
        "evaluate", parents=[model], help="measure a checkpoint on held-out texts"
    )
    evaluate.add_argument("checkpoint", type=Path)
    evaluate.add_argument("corpus", nargs="+", type=Path)
    evaluate.add_argument("--split", type=Path, help="measure on its dev part alone")
    evaluate.add_argument("--keep", action="store_true", help="put the figures on its card")
    evaluate.add_argument("--limit", type=int, default=200, help="most briefs to write for")
    evaluate.add_argument("--style", choices=STYLES, help="the register; else that of each brief")
    evaluate.add_argument("--seed", type=int, default=1)
    evaluate.set_defaults(run=_evaluate)

    compare = commands.add_parser(
        "compare", parents=[model], help="compare systems at equal diversity"
    )
    compare.add_argument("plan", type=Path, help="JSON; see generation/gan/standings.py")
    compare.add_argument("corpus", nargs="+", type=Path)
    compare.add_argument("--into", required=True, type=Path, help="JSON file of all figures")
    compare.add_argument("--split", type=Path, help="compare on its dev part alone")
    compare.add_argument("--limit", type=int, default=300, help="most briefs of a kind")
    compare.add_argument("--no-critic", action="store_true", help="leave the slow critic out")
    compare.add_argument("--seed", type=int, default=1)
    compare.set_defaults(run=_compare)
    return parser


def _count(argument: str) -> int:
    if not argument.isdecimal() or not int(argument):
        raise argparse.ArgumentTypeError(f"it must be a whole number above 0, not {argument!r}")
    return int(argument)


def _minutes(argument: str) -> float:
    minutes = float(argument)
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"it must be a number above 0, not {argument!r}")
    return minutes


def _weight(argument: str) -> tuple[str, float]:
    start, _, share = argument.partition("=")
    return start, float(share)


def _prepare(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    for name, report in learning.prepare(options.corpus, into=options.into):
        yield {"corpus": name, **report.to_dict()}


def _train(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    begun = time.monotonic()
    split, settings = _json(options.split), _json(options.settings) or {}
    large = _large(options)
    usual = TrainingConfig.for_backbones() if large else TrainingConfig()
    records, held_out, summary = learning.read_corpus(
        options.corpus, split=split, weights=dict(options.weight)
    )
    yield {"phase": "prepared", **summary}
    learnt = learning.train(
        records,
        held_out,
        into=options.into,
        seed=options.seed,
        minutes=options.minutes,
        report=_say,
        config=TrainingConfig.from_dict(usual.to_dict() | settings.get("training", {})),
        generator=settings.get("generator"),
        work=options.work,
        every_seconds=options.every,
        device=options.device,
        base=options.base,
        prepared=summary,
        large=large,
        keeps_texts=options.keep_texts,
        begun=begun,
    )
    yield {"phase": "finished", "digest": learnt.digest, **learnt.metrics}


def _large(options: argparse.Namespace) -> learning.Large | None:
    """The language model that is to be tuned.

    Raises:
        ValueError: it is named without a judge, or the other way round.
    """
    if (options.backbone is None) != (options.judge is None):
        raise ValueError(
            "A language model is tuned against a discriminator: give both, --backbone and --judge."
        )
    if options.backbone is None:
        return None
    judge = checkpoints.load(options.judge, backbone=options.backbone)
    return learning.Large(options.backbone, judge)


def _contest(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    split, settings = _json(options.split), _json(options.settings) or {}
    records, held_out, _ = learning.read_corpus(
        options.corpus, split=split, weights=dict(options.weight)
    )
    left = contest(
        checkpoints.load(options.base, backbone=options.backbone),
        records,
        held_out,
        into=options.into,
        seed=options.seed,
        report=_say,
        config=TrainingConfig.from_dict(settings.get("training", {})),
        work=options.work,
        device=options.device,
    )
    yield {"phase": "finished", **{name: side.digest for name, side in left.items()}}


def _taste(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    records, held_out, _ = learning.read_corpus(options.corpus, split=_json(options.split))

    def briefs(texts: Sequence[Record]) -> list[Record]:
        calm = [text for text in texts if (text.kind, text.style) == ("description", "calm")]
        return [text for text in calm if options.language in (None, text.language)]

    yield taste(
        checkpoints.load(options.checkpoint, backbone=options.backbone),
        briefs(records),
        briefs(held_out),
        editor=Editor(re.compile(options.fault, re.IGNORECASE)),
        rehearsal=records,
        held_out=held_out,
        into=options.into,
        decisions=options.decisions,
        seed=options.seed,
        minutes=options.minutes,
        report=_say,
    )


def _sample(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    checkpoint = checkpoints.load(options.checkpoint, backbone=options.backbone)
    counts: list[int] = []
    for wishes in _wishes(options.briefs, options):
        written = writing.write(checkpoint, wishes, variants=options.variants)
        counts += map(len, written)
        for wish, texts in zip(wishes, written, strict=True):
            if not texts:
                yield {"id": wish.record.ref, "variant": 0, "text": "", "reason": UNSURE}
            for variant, item in enumerate(texts):
                yield {
                    "id": wish.record.ref,
                    "variant": variant,
                    "text": item.text,
                    "score": round(item.score, 4),
                }
    if not any(counts):
        raise ValueError(
            f"No text was written for any of {len(counts)} briefs: the writer is sure of none, so "
            "give it more facts than a title."
        )


def _explain(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    checkpoint = checkpoints.load(options.checkpoint, backbone=options.backbone)
    if options.briefs:
        for wishes in _wishes(options.briefs, options):
            yield from _written_and_explained(checkpoint, wishes, options.steps)
        return
    for records in _batches(options.data, options):
        for record in records:
            if not record.text:
                raise ValueError(f"The record {record.ref} holds no text: give it as --briefs.")
        scores = writing.score(checkpoint, records)
        found = explaining.explain_records(checkpoint, records, steps=options.steps)
        for record, value, explanation in zip(records, scores, found, strict=True):
            yield _explained(record, record.text, value, explanation)


def _written_and_explained(
    checkpoint: checkpoints.Checkpoint, wishes: Sequence[writing.Wish], steps: int
) -> Iterator[dict[str, Any]]:
    """The best text for each wish, explained; why there is none where there is none."""
    best = [texts[:1] for texts in writing.write(checkpoint, wishes, variants=1)]
    asked = [wish for wish, texts in zip(wishes, best, strict=True) if texts]
    items = [item for texts in best for item in texts]
    found = iter(explaining.explain(checkpoint, asked, items, steps=steps))
    for wish, texts in zip(wishes, best, strict=True):
        for item in texts:
            yield _explained(wish.record, item.text, item.score, next(found))
        if not texts:
            yield {"id": wish.record.ref, "text": "", "reason": UNSURE}


def _explained(
    record: Record, text: str, score: float, explanation: explaining.Explanation
) -> dict[str, Any]:
    """One line of an explanation; each stretch is given with its words."""
    told = explanation.to_dict()
    for part in (*told["pulls"], *told["phrases"]):
        part["text"] = text[part["start"] : part["end"]]
    return {"id": record.ref, "text": text, "score": round(score, 4), **told}


def _wishes(briefs: Path, options: argparse.Namespace) -> Iterator[list[writing.Wish]]:
    """The usual wishes for the briefs of a file, each with a seed of its own."""
    first = options.seed
    for records in _batches(briefs, options, are_briefs=True):
        yield [
            writing.Wish(
                record, *writing.USUAL_BOUNDS[record.language, record.kind], seed=first + at
            )
            for at, record in enumerate(map(_shortened, records))
        ]
        first += len(records)


def _shortened(record: Record) -> Record:
    """The brief without the facts that are too long; each of them is named on standard error."""
    attributes, too_long = parted(record.attributes)
    rest = {name: getattr(record, name) for name in ("audience", "brand")}
    kept = dict(parted(rest.items())[0])
    names = [*(name for name, _ in too_long), *(name for name in rest if name not in kept)]
    for name in dict.fromkeys(names):
        sys.stderr.write(
            f"The fact “{name[:60]}” of the brief {record.ref} is longer than {MOST_FACT_CHARS} "
            "characters and was left out: say it in shorter ones.\n"
        )
    return replace(
        record,
        attributes=attributes,
        audience=kept.get("audience", ""),
        brand=kept.get("brand", ""),
    )


def _batches(
    path: Path,
    options: argparse.Namespace,
    *,
    are_briefs: bool = False,
) -> Iterator[list[Record]]:
    """The first records of a file, sixteen at a time.

    Raises:
        ValueError: the file holds none, or one that no text can be written for.
    """
    records = list(islice(read_records(path, are_briefs=are_briefs), options.limit))
    if not records:
        raise ValueError(f"{path.name} holds no brief: add briefs to it.")
    for record in records:
        _refuse_unwritable(record)
        if are_briefs:
            _refuse_unfit(record)
    for start in range(0, len(records), 16):
        yield records[start : start + 16]


def _refuse_unwritable(record: Record) -> None:
    """Refuse a brief that no text can be written for.

    Raises:
        ValueError: it is in a third language, or says nothing.
    """
    if record.language not in LANGUAGES:
        raise ValueError(
            f"The brief {record.ref} asks for “{record.language}”; the writer knows "
            f"{' and '.join(LANGUAGES)}."
        )
    if not record.title and not record.attributes:
        raise ValueError(f"The brief {record.ref} says nothing: give it a title or attributes.")


def _refuse_unfit(record: Record) -> None:
    """Refuse a brief with a title too long, or in a third language whatever it is said to be.

    Raises:
        ValueError: names the brief.
    """
    if is_too_long("", record.title):
        raise ValueError(
            f"The title of the brief {record.ref} is longer than {MOST_FACT_CHARS} characters: "
            "shorten it."
        )
    told = [*(value for _, value in record.attributes), record.audience]
    if is_in_third_language(record.title, told):
        raise ValueError(
            f"The title and facts of the brief {record.ref} are neither Chinese nor English: "
            "translate them."
        )


def _evaluate(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    checkpoint = checkpoints.load(options.checkpoint, backbone=options.backbone)
    split = _json(options.split)
    records, held_out, _ = learning.read_corpus(
        options.corpus, split=split, purpose="to measure against"
    )
    figures = measure(checkpoint, held_out if split else records + held_out, seed=options.seed)
    if options.keep:
        checkpoint.metrics |= figures
        checkpoints.save(checkpoint, options.checkpoint)
    yield figures
    yield evaluation.evaluate(
        checkpoint,
        _held_out(options),
        seed=options.seed,
        limit=options.limit,
        style=options.style,
    )


def _json(path: Path | None) -> dict[str, Any] | None:
    """Read a file of one JSON object.

    Raises:
        ValueError: it cannot be read as one; the message names it.
    """
    if path is None:
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        raise ValueError(f"{path} cannot be read as JSON: {reason}") from reason
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds no JSON object.")
    return value


def _compare(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    plan = standings.read_plan(options.plan, backbone=options.backbone)
    if options.no_critic:
        plan = replace(plan, with_critic=False)
    split = _json(options.split)
    with storing.new_lines(options.into) as write:  # now, to say at once that it cannot be written
        found = standings.run(
            plan,
            options.corpus,
            seed=options.seed,
            limit=options.limit,
            held_out=split and split["dev"],
            report=_say,
        )
        write(json.dumps(found, ensure_ascii=False, indent=1))
    for part in found["sweeps"]:
        yield from part["differences"]


def _held_out(options: argparse.Namespace) -> Iterable[Record]:
    """The texts to measure against, as they are."""
    split = _json(options.split)
    for path in options.corpus:
        for record in read_records(path):
            if split is None or record.ref in split["dev"]:
                yield record


def _say(line: dict[str, Any]) -> None:
    if not ranks.is_first():
        return
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
