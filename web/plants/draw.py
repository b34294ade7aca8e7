"""Draws the plates of the poppy check: our own line drawings of opium poppy and its look-alikes, as SVG.

    python web/plants/draw.py      writes src/wangge/campaigns/static/campaigns/plants/*.svg

Nothing is traced: shapes are made from the marks by which a botanist tells the species apart (how a leaf sits, how it is cut,
hairs, bud, crown of the capsule). A bar on a plate is two centimetres long.
"""

from pathlib import Path
from types import ModuleType

import argemone
import eschscholzia
import lactuca
import nudicaule
import rhoeas
import somniferum
from plate import Plate

FOLDER = Path(__file__).parents[2] / "src/wangge/campaigns/static/campaigns/plants"
SPECIES: dict[str, ModuleType] = {
    "papaver-somniferum": somniferum,
    "papaver-rhoeas": rhoeas,
    "papaver-nudicaule": nudicaule,
    "eschscholzia-californica": eschscholzia,
    "argemone-mexicana": argemone,
    "lactuca-sativa": lactuca,
}
STAGES = ("seedling", "leaf", "bud", "flower", "capsule")


def draw_all(folder: Path) -> list[Path]:
    """Every plate; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for code, species in SPECIES.items():
        for stage in STAGES:
            plate = Plate(f"{code}-{stage}")
            getattr(species, f"draw_{stage}")(plate)
            file = folder / f"{plate.name}.svg"
            file.write_text(plate.svg(), "utf-8")
            written.append(file)
    return written


if __name__ == "__main__":
    for each in draw_all(FOLDER):
        print(each.name, each.stat().st_size)
