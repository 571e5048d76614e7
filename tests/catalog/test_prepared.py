"""What a statement that is written once gives is what the query set would give."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection
from django.db.models import Count
from django.http import Http404

from catalog.models import Brand, Product
from catalog.prepared import Prepared


@pytest.fixture
def products(product) -> list[Product]:
    other = Product.objects.create(sku="BARE")
    return [product, other]


def whole():
    return (
        Product.objects.select_related("brand")
        .annotate(shelves=Count("campaigns"))
        .defer("picture")
    )


def told(product):
    columns = {name: value for name, value in vars(product).items() if name != "_state"}
    return columns | {"brand": product.brand}


@pytest.mark.django_db
def test_each_row_is_as_the_query_set_gives_it(products, django_assert_num_queries):
    rows = Prepared(whole)

    for product in products:
        with django_assert_num_queries(1):
            found = told(rows.get(product.pk))
        assert found == told(whole().get(pk=product.pk))


@pytest.mark.django_db
def test_rows_come_by_a_foreign_key_in_the_order_of_the_query_set(products):
    brands = [Brand.objects.create(name=name, slug=name.lower()) for name in ("Ash", "Birch")]
    for sku, brand in [("C", 0), ("A", 0), ("B", 1), ("D", 0)]:
        Product.objects.create(sku=sku, brand=brands[brand])
    rows = Prepared(lambda: Product.objects.order_by("sku"), by="brand")

    found = [[product.sku for product in rows.all(brand.pk)] for brand in brands]

    assert found == [["A", "C", "D"], ["B"]]
    assert list(rows.all(0)) == []


@pytest.mark.django_db
def test_a_row_is_read_anew_each_time(products):
    rows = Prepared(whole)
    one = products[0]
    before = rows.get(one.pk)

    Product.objects.filter(pk=one.pk).update(sku="ANEW")

    assert before.sku != "ANEW"
    assert rows.get(one.pk).sku == "ANEW"


@pytest.mark.django_db
@pytest.mark.parametrize("key", [1, 2**63, 10**40])
def test_what_is_not_there_is_none_or_a_404(key):
    rows = Prepared(whole)

    assert rows.get(key) is None
    with pytest.raises(Http404):
        rows.get_or_404(key)


@pytest.mark.django_db
def test_the_statement_is_written_once(products, monkeypatch):
    asked = []
    rows = Prepared(lambda: asked.append(1) or whole())

    for product in products:
        rows.get(product.pk)

    assert asked == [1]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_each_thread_reads_through_its_own_connection(products):
    rows, seen = Prepared(whole), []
    rows.get(products[0].pk)

    def read() -> None:
        try:
            seen.append((rows.get(products[0].pk), connection.connection))
        finally:
            connection.close()

    thread = Thread(target=read)
    thread.start()
    thread.join()

    ((found, theirs),) = seen
    assert found == products[0]
    assert theirs is not None
    assert theirs is not connection.connection
