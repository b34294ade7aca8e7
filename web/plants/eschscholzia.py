"""California poppy."""

from organs import PALE_GREEN, leaf, petal, threads
from plate import Axis, Plate

_ESCH = "#b9cfc0"


def draw_seedling(p: Plate) -> None:
    for angle in (12, 40, 140, 168):  # each seed leaf is a fork
        threads(p, (180, 262), angle, 70, 0, PALE_GREEN)
    for angle, length in ((28, 52), (64, 58), (90, 62), (118, 58), (152, 52)):
        threads(p, (180, 258), angle, length, 2, _ESCH)
    p.bar(64)


def draw_leaf(p: Plate) -> None:
    p.stem([(180, 440), (182, 330), (178, 220)], 6, _ESCH)
    for base, angle, length in (
        ((181, 380), 24, 80),
        ((181, 350), 158, 80),
        ((180, 290), 44, 74),
        ((180, 266), 134, 76),
        ((178, 222), 86, 78),
    ):
        threads(p, base, angle, length, 3, _ESCH)
    p.bar(52)


def draw_bud(p: Plate) -> None:
    p.stem([(170, 445), (176, 320), (184, 210)], 5, _ESCH)
    threads(p, (174, 380), 30, 62, 3, _ESCH)
    threads(p, (174, 360), 152, 62, 3, _ESCH)
    p.shape([(158, 212), (166, 200), (202, 200), (210, 212), (184, 222)], "#e9b7a3")
    p.shape([(168, 200), (162, 160), (170, 110), (184, 56), (198, 110), (206, 160), (200, 200)], "#c9dcc8")
    p.line([(184, 58), (180, 130), (182, 198)])
    p.bar(96)


def draw_flower(p: Plate) -> None:
    p.stem([(170, 445), (176, 330), (180, 220)], 5, _ESCH)
    threads(p, (174, 400), 30, 56, 3, _ESCH)
    threads(p, (174, 384), 152, 56, 3, _ESCH)
    centre = (180, 196)
    petal(p, centre, 90, 136, 86, "#f08a1d")
    for angle in (140, 40):
        petal(p, centre, angle, 134, 80, "#f59f2f")
    petal(p, centre, 90, 92, 112, "#f8b24a")
    for angle in (66, 78, 90, 102, 114):
        threads(p, centre, angle, 44, 0, "#f7d154")
    p.shape([(150, 204), (180, 188), (210, 204), (180, 214)], "#e9b7a3")
    p.bar(64)


def draw_capsule(p: Plate) -> None:
    p.stem([(150, 445), (156, 390), (164, 350)], 5, _ESCH)
    p.shape([(146, 352), (154, 342), (176, 340), (184, 350), (164, 360)], "#e9b7a3")
    axis = Axis((165, 344), 84, 296, -16)
    leaf(p, axis, [(0, 0.022), (0.2, 0.034), (0.7, 0.03), (0.94, 0.014), (1, 0)], "#c9d6a4")
    for side in (-0.018, 0.018):
        p.line([axis.at(t / 10, side) for t in range(10)], width=0.9)
    p.bar(92)
