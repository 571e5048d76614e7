"""The kinds of copy and the channel that every shop begins with."""

from django.db import migrations

KINDS = [
    {
        "slug": "description",
        "name_zh": "商品描述",
        "name_en": "Product description",
        "writer_kind": "description",
        "min_chars_zh": 40,
        "max_chars_zh": 200,
        "min_chars_en": 80,
        "max_chars_en": 600,
    },
    {
        "slug": "ad",
        "name_zh": "广告语",
        "name_en": "Ad line",
        "writer_kind": "ad",
        "min_chars_zh": 6,
        "max_chars_zh": 30,
        "min_chars_en": 12,
        "max_chars_en": 60,
    },
]


def add(apps, schema_editor):
    """Add what is not there yet."""
    for kind in KINDS:
        apps.get_model("catalog", "ContentKind").objects.get_or_create(
            slug=kind["slug"], defaults=kind
        )
    apps.get_model("catalog", "Channel").objects.get_or_create(
        slug="storefront", defaults={"name": "Storefront", "publisher": "storefront"}
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
