"""What review refuses, and in which words.

The tree::

    ReviewError
    ├── DraftUnavailable        not to be decided by this editor now
    │   ├── DraftAlreadyDecided another editor was first, or the draft is no longer open
    │   ├── DraftChanged        it is still open, but not as the editor saw it
    │   ├── DraftHeld           somebody else has it open
    │   └── OwnText             somebody else has to see the editor's text
    ├── NotOneLot               a sample of drafts that are of different kinds
    ├── TooFewToSample          a sample that would be most of the drafts
    ├── BatchNotRead            the sample is not read to its end
    ├── BatchSettled            the rest was given back to everybody
    ├── NothingToKeep           a view without a filter
    ├── TooManyViews            an editor has as many views as the desk shows
    ├── DeferralTooLong         a moment to put a draft off until that makes no sense
    ├── TextRefused             an editor's text breaks a hard rule
    ├── ReasonMissing           a rejection without a reason
    ├── PlaceNotInText          a marked place is not in the draft's text
    ├── CommentRefused          a comment that is not written, or stays as it is
    │   ├── CommentLength       it is empty, or too long
    │   ├── NotAThread          a reply to a reply, or to a comment on another draft
    │   ├── ThreadClosed        it is resolved or removed already
    │   ├── NotYourComment      somebody else wrote it
    │   ├── CommentArrived      it has arrived already, in other words
    │   └── CommentStays        somebody tried to delete one
    ├── KeyReused               one wish's key came with another wish
    ├── CannotUndo              a decision that cannot be taken back
    │   ├── NothingToUndo       there is none that this editor may still take back
    │   ├── AlreadyUndone       it has been taken back
    │   ├── AlreadySeconded     somebody has given a second opinion on it
    │   ├── DraftIsBack         the draft that was put off is in the queue again
    │   ├── NotYourDecision     somebody else made it
    │   ├── TooLateToUndo       it is older than the time that an editor has
    │   ├── AlreadyLearnt       the writer has learnt from it
    │   ├── CampaignIsClosed    nobody would decide the draft again
    │   └── TextOnItsWay        a channel is taking the text at this moment
    ├── PublicationNotLive      nothing to withdraw: not on a shelf
    ├── NothingToRevert         no later text covers this one
    ├── ScheduleUnfit           a time to publish at that makes no sense
    ├── NotToSchedule           the text is out already, or on its way
    ├── NothingToRepublish      no text of this draft was withdrawn or given up
    │   └── DraftNotApproved    nobody has decided this draft yet
    ├── DecisionIsFinal         somebody tried to change or remove a decision
    └── DeliveryFailed          a channel did not take a text; the words are the channel's
        └── PublisherUnknown    a channel names a publisher that does not exist

``str(error)`` is one sentence, fit to show an editor.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.checks import sentence
from generation.texts import Finding


class ReviewError(Exception):
    """Anything review refuses to do."""


class DraftUnavailable(ReviewError):
    """The draft is not to be decided by this editor now; nothing was written."""


class DraftAlreadyDecided(DraftUnavailable):
    """The draft was not open any more when this decision arrived; nothing was written.

    Args:
        decision: the decision that stands, or None when the draft expired instead.
    """

    def __init__(self, decision: Any = None) -> None:
        self.decision = decision
        super().__init__(self._sentence(decision))

    @staticmethod
    def _sentence(decision: Any) -> str:
        if decision is None:
            return _("This draft is no longer open for a decision.")
        return _("%(editor)s was faster: this draft has already been decided (%(verdict)s).") % {
            "editor": decision.editor.get_username(),
            "verdict": decision.get_verdict_display(),
        }


class DraftChanged(DraftUnavailable):
    """The draft is open, in another version than the editor saw; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("This draft has changed in the meantime: look at it again, and then decide.")
        )


class DraftHeld(DraftUnavailable):
    """Somebody else has the draft open; nothing was written.

    Args:
        claim: who has it, and since when.
    """

    def __init__(self, claim: Any) -> None:
        self.claim = claim
        super().__init__(
            _("%(editor)s has this draft open: take it over, or decide another one.")
            % {"editor": claim.editor.get_username()}
        )


class OwnText(DraftUnavailable):
    """A second opinion was asked for on a text, and this is who wrote or accepted it."""

    def __init__(self) -> None:
        super().__init__(
            _("You accepted this text yourself: somebody else gives the second opinion on it.")
        )


class DeferralTooLong(ReviewError):
    """The moment has passed, or is too far off; nothing was written.

    Args:
        days: how far off it may be.
    """

    def __init__(self, days: int) -> None:
        super().__init__(
            _("Choose a time from now on, within the next %(days)d days.") % {"days": days}
        )


class NotOneLot(ReviewError):
    """The drafts differ in kind, language or checkpoint; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Choose drafts of one kind, one language and one checkpoint: "
                "a sample of a mixture says nothing of the rest."
            )
        )


class TooFewToSample(ReviewError):
    """The sample would be most of the drafts; nothing was written.

    Args:
        fewest: how many it takes.
    """

    def __init__(self, fewest: int) -> None:
        super().__init__(
            _("A sample saves reading from %(fewest)d drafts on: decide these one by one.")
            % {"fewest": fewest}
        )


class BatchNotRead(ReviewError):
    """Drafts of the sample are open still; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Read the sample to its end first: some of its drafts are still open."))


class BatchSettled(ReviewError):
    """The sample did not pass, and the rest is everybody's again; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("The sample did not pass, and the rest is back in the queue: decide it one by one.")
        )


class NothingToKeep(ReviewError):
    """A view of the queue was to be kept that narrows nothing; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Choose a filter first: a view keeps what the queue was narrowed by."))


class TooManyViews(ReviewError):
    """An editor keeps as many views as there may be; nothing was written.

    Args:
        most: how many that are.
    """

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You keep %(most)d views already: forget one of them first.") % {"most": most}
        )


class TextRefused(ReviewError):
    """An editor's text has hard findings; nothing was written.

    Args:
        findings: the hard findings, `generation.texts.Finding`, at least one.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        reasons = "; ".join(
            sentence(finding.code, finding.values).rstrip(".。") for finding in self.findings
        )
        super().__init__(_("The text was not saved: %(reasons)s.") % {"reasons": reasons})


class ReasonMissing(ReviewError):
    """A rejection without one of the known reasons; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Choose a reason for the rejection."))


PLACE_NOT_IN_TEXT = gettext_lazy("A marked place is not in the text: mark it again, or mark none.")


class PlaceNotInText(ReviewError):
    """A marked place is not in the draft's text; nothing was written."""

    def __init__(self) -> None:
        super().__init__(PLACE_NOT_IN_TEXT)


class CommentRefused(ReviewError):
    """A comment is not written, or stays as it is; nothing was written."""


COMMENT_LENGTH = gettext_lazy("Write between 1 and %(most)d characters.")


class CommentLength(CommentRefused):
    """A comment is empty or too long.

    Args:
        most: characters that a comment may have.
    """

    def __init__(self, most: int) -> None:
        super().__init__(COMMENT_LENGTH % {"most": most})


class NotAThread(CommentRefused):
    """What was replied to is a reply itself, or on another draft."""

    def __init__(self) -> None:
        super().__init__(_("Reply to a comment on this draft that is no reply itself."))


class ThreadClosed(CommentRefused):
    """Somebody has resolved or removed the comment."""

    def __init__(self) -> None:
        super().__init__(_("This comment is resolved or removed already: write a new one."))


class NotYourComment(CommentRefused):
    """Another person wrote the comment.

    Args:
        author: who.
    """

    def __init__(self, author: Any) -> None:
        super().__init__(
            _("%(author)s wrote this comment: only %(author)s can remove it.")
            % {"author": author.get_username()}
        )


class CommentArrived(CommentRefused):
    """The comment was sent before, in other words, and stands."""

    def __init__(self) -> None:
        super().__init__(
            _("This comment has arrived already, in the words that stand above: add what is new.")
        )


class CommentStays(CommentRefused):
    """That something was said is not forgotten."""

    def __init__(self) -> None:
        super().__init__(_("A comment stays: its author can take its words out of it."))


class KeyReused(ReviewError):
    """The key of a wish names another decision already; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("This key belongs to another decision: send each decision under a key of its own.")
        )


class CannotUndo(ReviewError):
    """A decision cannot be taken back; nothing was written."""


class NothingToUndo(CannotUndo):
    """The editor has made no decision that can still be taken back."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _("There is no decision of yours from the last %(minutes)d minutes to take back.")
            % {"minutes": minutes}
        )


class AlreadyUndone(CannotUndo):
    """Somebody has taken the decision back already."""

    def __init__(self) -> None:
        super().__init__(_("This decision has been taken back already."))


class AlreadySeconded(CannotUndo):
    """Somebody has given a second opinion on it, which has to be taken back first.

    Args:
        second: that opinion.
    """

    def __init__(self, second: Any) -> None:
        super().__init__(
            _("%(editor)s has given a second opinion on this: that has to be taken back first.")
            % {"editor": second.editor.get_username()}
        )


class DraftIsBack(CannotUndo):
    """The draft was put off, and has come back since."""

    def __init__(self) -> None:
        super().__init__(_("This draft is back in the queue already."))


class NotYourDecision(CannotUndo):
    """Another editor made the decision.

    Args:
        decision: which.
    """

    def __init__(self, decision: Any) -> None:
        super().__init__(
            _("%(editor)s made this decision: only %(editor)s or a lead can take it back.")
            % {"editor": decision.editor.get_username()}
        )


class TooLateToUndo(CannotUndo):
    """The decision is older than what an editor may take back."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _("This was decided more than %(minutes)d minutes ago: ask a lead to take it back.")
            % {"minutes": minutes}
        )


class AlreadyLearnt(CannotUndo):
    """A checkpoint has learnt from the decision."""

    def __init__(self) -> None:
        super().__init__(
            _("The writer has learnt from this decision already: ask a lead to take it back.")
        )


class CampaignIsClosed(CannotUndo):
    """The draft's campaign is closed, so nobody would decide it again."""

    def __init__(self) -> None:
        super().__init__(_("The campaign of this draft is closed, so it cannot be decided again."))


class TextOnItsWay(CannotUndo):
    """A channel is taking the text, and may have it."""

    def __init__(self) -> None:
        super().__init__(_("A channel is taking this text at the moment: try again in a minute."))


class PublicationNotLive(ReviewError):
    """The text is on no shelf, so it cannot be withdrawn; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("This text is not on a shelf, so there is nothing to withdraw."))


class NothingToRevert(ReviewError):
    """The text is what visitors read already, or is not out at all; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("No later text covers this one, so there is nothing to go back from."))


class ScheduleUnfit(ReviewError):
    """The time to publish at has passed, or is too far off; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Choose a time from now on, within the next year."))


class NotToSchedule(ReviewError):
    """The text is on its channel or on its way there, or nobody accepts it; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("This text is out or on its way: withdraw it first, then choose a time.")
        )


class NothingToRepublish(ReviewError):
    """The draft has no withdrawn or given-up publication; nothing was written."""

    def __init__(self) -> None:
        super().__init__(self._sentence())

    @staticmethod
    def _sentence() -> str:
        return _("This draft has no withdrawn text that could be published again.")


class DraftNotApproved(NothingToRepublish):
    """The draft waits for a decision, so it has no text to publish; nothing was written."""

    @staticmethod
    def _sentence() -> str:
        return _("This draft is not approved yet: approve it, and it goes to its channels.")


class DecisionIsFinal(ReviewError):
    """A decision is written once; changing or removing one is refused."""

    def __init__(self) -> None:
        super().__init__(_("A decision is final: it can be neither changed nor removed."))


class DeliveryFailed(ReviewError):
    """A channel did not take a text, or did not take it down; it may do so later.

    Args:
        words: what the channel said, one sentence.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words)


class PublisherUnknown(DeliveryFailed):
    """A channel names a publisher that does not exist.

    Args:
        publisher: the name that nobody answers to.
        channel: the channel's name.
    """

    def __init__(self, *, publisher: str, channel: str) -> None:
        super().__init__(
            _("The channel %(channel)s names a publisher that does not exist: “%(publisher)s”.")
            % {"channel": channel, "publisher": publisher}
        )
