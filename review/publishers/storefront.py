"""The built-in shop: its shelf is a table of its own in the same database."""

from django.utils import timezone

from review.models import Publication, ShelfCopy


class StorefrontPublisher:
    """Places texts on the product pages of the built-in shop."""

    is_local = True

    def publish(self, publication: Publication) -> str:
        """Place the text once; a repeated call finds the placement of the first."""
        shelf_copy, _is_new = ShelfCopy.objects.get_or_create(
            key=publication.key,
            defaults={
                "product_id": publication.product_id,
                "kind_id": publication.kind_id,
                "language": publication.language,
                "text": publication.text,
                "ordered_at": publication.queued_at,
                "placed_at": timezone.now(),
            },
        )
        return str(shelf_copy.pk)

    def withdraw(self, publication: Publication) -> None:
        """Take the text down; the one before it stands uncovered again."""
        ShelfCopy.objects.filter(key=publication.key).remove(timezone.now())
