"""Draw the starter shop's products as line art: one SVG a product, the same every time."""

import json
import random
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from catalog.management.commands.load_starter_shop import FOLDER

# Each motif: words of the English title that call for it, and its strokes on a 240 x 240 ground.
# {a} {b} {c} are small numbers that differ from product to product.
# ruff: noqa: E501 - a path is one line
_MOTIFS: dict[str, list[tuple[str, str]]] = {
    "bags": [
        (
            "backpack pack rucksack",
            "M78 96q0-46 42-46t42 46v92q0 14-14 14H92q-14 0-14-14ZM100 52q0-20 20-20t20 20M92 132h56v44H92ZM78 112q-18 6-18 30v36M162 112q18 6 18 30v36M{b} 132v44",
        ),
        (
            "wallet card purse passport organiser pouch case",
            "M56 84h128q10 0 10 10v64q0 10-10 10H56q-10 0-10-10V94q0-10 10-10ZM46 108h148M150 126h44v24h-44q-10 0-10-12t10-12ZM160 138h1",
        ),
        (
            "suitcase cabin trolley roller luggage",
            "M76 70h88q10 0 10 10v116q0 10-10 10H76q-10 0-10-10V80q0-10 10-10ZM98 70V32h44v38M90 206v10M150 206v10M92 92v92M120 92v92M148 92v92",
        ),
        (
            "",
            "M66 92h108l{b2} 104q2 12-12 12H78q-14 0-12-12ZM92 92V72q0-26 28-26t28 26v20M92 120h1M148 120h1",
        ),
    ],
    "kitchen": [
        (
            "skillet pan wok",
            "M40 112q0-8 8-8h104q8 0 8 8-2 62-60 62T40 112ZM160 116l58-{b1}M58 130h84",
        ),
        (
            "kettle teapot pot saucepan",
            "M70 96h100l10 92q1 12-12 12H72q-13 0-12-12ZM86 96q6-26 34-26t34 26M120 70v-10M180 124q30-6 26 18-4 22-26 26M60 130 34 108",
        ),
        (
            "knife peeler cleaver",
            "M40 150 168 {b}q12-10 20 0l-16 18-120 62ZM40 150l-14 30 26-10M168 84l30-26",
        ),
        (
            "jar bin spice canister box container",
            "M78 84h84v108q0 12-12 12H90q-12 0-12-12ZM72 64h96v20H72ZM94 120h52v36H94ZM120 64V52",
        ),
        (
            "board",
            "M60 60h100q12 0 12 12v120q0 12-12 12H60q-12 0-12-12V72q0-12 12-12ZM110 84a8 8 0 1 0 .1 0M66 132q44-{c} 88 0M66 160q44-{c} 88 0",
        ),
        (
            "",
            "M60 108h120q-4 84-60 84t-60-84ZM52 108h136M96 60q-8 12 0 24M120 54q-8 14 0 28M144 60q-8 12 0 24",
        ),
    ],
    "lighting": [
        (
            "desk clamp reading table",
            "M70 200h72M106 200v-20l50-62-48-40M92 92l40-34 26 26-34 38ZM128 108l{c} 22",
        ),
        (
            "pendant ceiling hanging",
            "M120 20v56M72 140q0-64 48-64t48 64ZM72 140h96M104 140q0 18 16 18t16-18M120 172v10",
        ),
        ("floor standing", "M120 206V84M86 206h68M84 84h72l-14-48H98ZM120 84v-6"),
        ("candle", "M92 96h56v100H92ZM92 120h56M120 96V80M120 80q-14-16 0-38 14 22 0 38Z"),
        ("", "M88 108h64l18-56H70ZM120 108v84M90 200q30-16 60 0M104 130h32"),
    ],
    "furniture": [
        (
            "chair stool armchair",
            "M78 44h84v72H78ZM70 116h100v24H70ZM78 140v64M162 140v64M78 72h84M78 176h84",
        ),
        ("table desk bench", "M36 96h168v16H36ZM52 112v92M188 112v92M52 {d}h136"),
        (
            "sofa daybed bed",
            "M40 116q0-40 24-40h112q24 0 24 40M28 116h32v48h120v-48h32v72H28ZM120 76v88M48 188v16M192 188v16",
        ),
        (
            "shelf bookcase cabinet rack sideboard wardrobe drawer",
            "M68 36h104v168H68ZM68 92h104M68 148h104M88 60v32M100 56v36M140 112h16M88 168h64M80 204v10M160 204v10",
        ),
        ("mirror", "M80 40h80v140H80ZM92 52h56v116H92ZM100 140l36-{d2}M120 180v26M92 206h56"),
        (
            "",
            "M60 88h120v104H60ZM60 122h120M60 156h120M110 106h20M110 140h20M110 174h20M72 192v14M168 192v14",
        ),
    ],
    "bedding": [
        (
            "pillow cushion",
            "M52 84q68-18 136 0 14 36 0 72-68 18-136 0-14-36 0-72ZM72 100q48-10 96 0M52 84l-8-8M188 84l8-8M52 156l-8 8M188 156l8 8",
        ),
        (
            "",
            "M44 92q76-24 152 0v84q-76 24-152 0ZM44 118q76-24 152 0M64 146q56-16 112 0M84 112v{c}M156 112v{c}M120 106v84",
        ),
    ],
    "bath": [
        (
            "towel mat robe",
            "M64 48h112v136H64ZM64 72h112M64 164h112M88 184v16M104 184v16M120 184v16M136 184v16M152 184v16M92 96q28 {c} 56 0",
        ),
        (
            "shelf rack tray caddy",
            "M52 96h136v16H52ZM60 112v64h120v-64M60 150h120M92 96V64h20v32M132 96V56h24v40",
        ),
        (
            "",
            "M88 92h64v100q0 12-12 12h-40q-12 0-12-12ZM106 92V72h28v20M120 72V52h34M100 128h40v36h-40ZM120 138v16",
        ),
    ],
    "electronics": [
        (
            "speaker",
            "M76 44h88q10 0 10 10v132q0 10-10 10H76q-10 0-10-10V54q0-10 10-10ZM120 104a34 34 0 1 0 .1 0M120 124a14 14 0 1 0 .1 0M120 62a12 12 0 1 0 .1 0",
        ),
        (
            "headphone earbud earphone headset",
            "M60 150v-24q0-66 60-66t60 66v24M52 142h20v44H60q-8 0-8-8ZM188 142h-20v44h12q8 0 8-8Z",
        ),
        (
            "charger power bank cable adapter hub dock",
            "M84 60h72q10 0 10 10v100q0 10-10 10H84q-10 0-10-10V70q0-10 10-10ZM124 84l-20 40h28l-16 36M120 180v32M100 60V44M140 60V44",
        ),
        (
            "watch clock timer",
            "M120 76a44 44 0 1 0 .1 0M96 82l6-42h36l6 42M96 158l6 42h36l6-42M120 96v26l{c2} 12",
        ),
        (
            "",
            "M64 64h112q10 0 10 10v84q0 10-10 10H64q-10 0-10-10V74q0-10 10-10ZM54 146h132M100 168v24h40v-24M84 192h72M120 92v24",
        ),
    ],
    "tableware": [
        (
            "mug cup",
            "M72 80h80v92q0 20-20 20H92q-20 0-20-20ZM152 100q34 0 34 30t-34 30M72 {d}h80M100 64q-6-12 0-22M124 64q-6-12 0-22",
        ),
        ("glass tumbler carafe decanter", "M84 60h72l-10 136H94ZM88 110q32 {c} 64 0"),
        (
            "plate platter tray dish",
            "M120 52a72 72 0 1 0 .1 0M120 80a44 44 0 1 0 .1 0M98 116q22-14 44 0",
        ),
        (
            "fork spoon cutlery chopstick",
            "M84 44v56q0 16-12 16t-12-16V44M72 44v160M150 204v-84q-18-8-18-38t18-38 18 30-18 46",
        ),
        ("", "M48 100h144q-4 80-72 80t-72-80ZM92 180h56v14H92ZM62 124q58 {c} 116 0"),
    ],
    "shoes": [
        (
            "boot",
            "M84 40h52v92q52 8 60 36v24H84ZM84 174h112M84 70h52M100 88h24M100 104h24M100 120h28",
        ),
        (
            "sandal slipper slide mule",
            "M40 156q10-24 50-20l60 16q40 4 46 28v10H52q-14 0-12-34ZM80 136q20-40 60-20l14 36M52 190h144",
        ),
        (
            "",
            "M40 110q26 14 52-12l40 40q44 8 60 30v22H48q-12 0-12-12ZM40 172h152M104 110l-14 12M116 122l-14 12M128 134l-14 12M56 118v30",
        ),
    ],
    "menswear": [
        (
            "trouser chino jean short pants",
            "M84 40h72l12 164h-34l-14-104-14 104H72ZM84 58h72M120 40v60M96 58v{c}M144 58v{c}",
        ),
        (
            "jacket coat parka vest gilet",
            "M96 44h48l34 22 14 100-22 4-8-60v92H78v-92l-8 60-22-4 14-100ZM120 56v146M96 44l24 24 24-24M88 150h20M132 150h20",
        ),
        ("", "M96 44q24 22 48 0l40 22-14 40-22-8v104H92V98l-22 8-14-40ZM120 66v{d3}M104 120h1"),
    ],
    "womenswear": [
        (
            "dress skirt",
            "M100 40q20 20 40 0l6 36-10 34 42 92q-58 16-116 0l42-92-10-34ZM104 110h32M120 58v48M92 200l{c} -60M148 200l-10-60",
        ),
        (
            "trouser jean legging short pants",
            "M86 40h68l20 164h-40l-14-96-14 96H66ZM86 58h68M120 58v50",
        ),
        (
            "coat jacket cardigan blazer",
            "M98 42h44l36 24 14 112-22 4-10-74v104H80V108l-10 74-22-4 14-112ZM120 62v150M98 42l22 34 22-34M90 160h18M132 160h18",
        ),
        (
            "",
            "M98 44q22 26 44 0l46 30-18 36-24-14v108q-26 8-52 0V96l-24 14-18-36ZM96 184q24 {c} 48 0M120 70v20",
        ),
    ],
    "outdoor": [
        (
            "tent shelter tarp",
            "M120 52 36 196h168ZM120 52v144M120 110l-34 86M120 52l-10-14M120 52l10-14M36 196l-14 8M204 196l14 8",
        ),
        (
            "bottle flask thermos",
            "M96 84h48q12 12 12 28v84q0 10-10 10H94q-10 0-10-10v-84q0-16 12-28ZM100 84V60h40v24M84 {d}h72M84 170h72M132 60q22-14 22 10",
        ),
        (
            "lamp lantern torch headlamp",
            "M88 96h64v84H88ZM80 180h80v20H80ZM84 76h72v20H84ZM96 76q0-36 24-36t24 36M120 116v44M104 138h32",
        ),
        (
            "stove mug cook pan",
            "M64 92h112v52q0 16-16 16H80q-16 0-16-16ZM176 104h30M84 160l-14 40M156 160l14 40M104 184q16-{c} 32 0M120 92V76",
        ),
        (
            "pole stick",
            "M92 40 76 204M148 40l16 164M84 40h16v28H86ZM140 40h16l-2 28h-14ZM70 190h16M156 190h16",
        ),
        (
            "",
            "M60 170q-20-60 30-80 0-44 44-40 48 4 46 52 30 16 14 68ZM60 170h134M92 112q20 {c} 44 0M104 190v14M152 190v14",
        ),
    ],
}
_ACCENTS = ("#8a9a7b", "#b0623c", "#5b7c99", "#b58a3f", "#8d6a86", "#6f8f8a")


class Command(BaseCommand):
    """`manage.py draw_pictures`: writes static/shop/<sku>.svg for every starter product."""

    help = "Draw the starter shop's pictures."

    def handle(self, *args, **options):
        """Draw all of them; a picture depends on its product alone."""
        target = Path(settings.BASE_DIR) / "static" / "shop"
        target.mkdir(parents=True, exist_ok=True)
        count = 0
        for path in sorted(FOLDER.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                item = json.loads(line)
                svg = draw(item["sku"], item["category"], item["title"]["en"])
                (target / f"{item['sku']}.svg").write_text(svg, encoding="utf-8")
                count += 1
        self.stdout.write(f"{count} pictures drawn.")


def draw(sku: str, category: str, title: str) -> str:
    """One product as an SVG: a washed ground shape, the object's outline, a table line."""
    chance = random.Random(sku)  # noqa: S311 - a picture, not a secret
    words = title.lower()
    strokes = next(
        path
        for names, path in _MOTIFS[category]
        if not names or any(name in words for name in names.split())
    )
    small = chance.randint(-14, 14)
    strokes = strokes.format(
        b=120 + small,
        b1=30 + small,
        b2=10 + small // 3,
        c=14 + small // 2,
        c2=16 + small // 2,
        d=130 + small,
        d2=70 + small,
        d3=80 + small,
    )
    accent = chance.choice(_ACCENTS)
    x, y, size = chance.randint(92, 150), chance.randint(96, 150), chance.randint(54, 80)
    tilt = chance.choice((-3, -2, 0, 0, 2, 3))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">'
        '<rect width="240" height="240" fill="#f4efe4"/>'
        f'<circle cx="{x}" cy="{y}" r="{size}" fill="{accent}" opacity=".28"/>'
        f'<g transform="rotate({tilt} 120 120)" fill="none" stroke="#1d1914" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round"><path d="{strokes}"/></g>'
        '<path d="M28 216h184" fill="none" stroke="#877d6c" stroke-width="2" '
        'stroke-linecap="round"/></svg>\n'
    )
