"""Givens that many tests share: people, a product, a campaign, a run, drafts."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db.models import Q
from django.utils import translation
from hypothesis import settings as property_settings

from catalog.models import Brand, Campaign, Category, Channel, ContentKind, Product, ProductText
from generation.models import Checkpoint, Draft, Example, Run
from generation.writers import get_writer
from tests.generation.plain_writer import lay_files

# The same code gets the same verdict, on a busy machine too; `make fuzz` looks for new examples.
property_settings.register_profile("same", derandomize=True, deadline=None, max_examples=300)
property_settings.register_profile("fuzz", deadline=None, max_examples=20_000)
property_settings.load_profile("same")

EDITOR = ("add_decision", "add_feedimport", "add_campaign", "add_run")
PUBLISHER = (
    *EDITOR,
    "change_campaign",
    "change_publication",
    "add_trainingrun",
    "change_checkpoint",
)


def kept(example: Example) -> Example:
    example.save()
    return example


def make_user(name: str, codenames: tuple[str, ...]) -> User:
    user = User.objects.create_user(name, password="galley")
    user.user_permissions.set(
        Permission.objects.filter(Q(codename__in=codenames) | Q(codename__startswith="view_"))
    )
    return user


def make_product(sku: str = "LM-TST-001", **texts: list) -> Product:
    brand, _ = Brand.objects.get_or_create(slug="lumen", defaults={"name": "Lumen & Moss"})
    category, _ = Category.objects.get_or_create(
        slug="kitchen", defaults={"name_zh": "厨房", "name_en": "Kitchen"}
    )
    product = Product.objects.create(
        sku=sku, brand=brand, category=category, price_cny="129.00", price_usd="18.90"
    )
    ProductText.objects.create(
        product=product,
        language="en",
        title="Hearth skillet 🍳",
        audience="people who cook breakfast",
        attributes=texts.get("en")
        or [
            ["material", "cast iron, cast in one piece"],
            ["size", "24 cm across, 4.5 cm deep"],
            ["weight", "1.9 kg"],
            ["care", "brush with warm water, dry, oil thinly"],
        ],
        description="An old text about a pan.",
    )
    ProductText.objects.create(
        product=product,
        language="zh-hans",
        title="晨炉铸铁煎锅",
        audience="做早餐的人",
        attributes=texts.get("zh")
        or [
            ["材质", "铸铁，一体铸造"],
            ["尺寸", "直径24厘米，深4.5厘米"],
            ["重量", "1.9千克"],
            ["保养", "温水刷洗，擦干，抹薄油"],
            ["适用炉灶", "明火、电磁炉、烤箱"],
        ],
    )
    return product


@pytest.fixture(autouse=True)
def _english():
    """A page that was asked for in Chinese leaves its language to the thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What one test keeps in the cache is not there in the next."""
    cache.clear()


@pytest.fixture
def editor(db) -> User:
    return make_user("lin", EDITOR)


@pytest.fixture
def other_editor(db) -> User:
    return make_user("zhou", EDITOR)


@pytest.fixture
def publisher(db) -> User:
    return make_user("chen", PUBLISHER)


@pytest.fixture
def product(db) -> Product:
    return make_product()


@pytest.fixture
def checkpoint(db, settings, tmp_path) -> Checkpoint:
    """An active checkpoint whose files lie in a folder of its own."""
    settings.GALLEY_CHECKPOINT_DIR = tmp_path / "checkpoints"
    digest = lay_files(settings.GALLEY_CHECKPOINT_DIR / "first", "first")
    return Checkpoint.objects.create(
        name="first", digest=digest, path="first", status=Checkpoint.Status.ACTIVE
    )


@pytest.fixture
def campaign(product) -> Campaign:
    campaign = Campaign.objects.create(slug="spring", name="Spring", languages=["en", "zh-hans"])
    campaign.products.add(product)
    campaign.kinds.set(ContentKind.objects.filter(slug="description"))
    campaign.channels.set(Channel.objects.filter(slug="storefront"))
    return campaign


@pytest.fixture
def run(campaign, checkpoint) -> Run:
    from generation.services import start_run  # noqa: PLC0415 - Celery's app is ready by now

    return start_run(campaign, seed=7, queue=False)


@pytest.fixture
def drafts(run) -> list[Draft]:
    """The run's drafts: one English, one Chinese."""
    from generation.drafting import fill_run  # noqa: PLC0415

    fill_run(run.pk, writer=get_writer(run.checkpoint.directory))
    return list(Draft.objects.order_by("slot__ordinal"))


@pytest.fixture
def draft(drafts) -> Draft:
    return drafts[0]
