"""Made-up disputes of the sample city: whoever is named in them is nobody. Pure.

The telephone numbers begin with 100, which no mobile number does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from wangge.demo.rules.people import person_name


@dataclass(frozen=True, slots=True)
class Story:
    """A dispute in words: what it is about, what was said, what was agreed."""

    kind: str
    matter: str
    record: str
    terms: str


STORIES: tuple[Story, ...] = (
    Story(
        "neighbours",
        "申请人反映楼上卫生间漏水，家中吊顶和墙面受潮发霉，要求修好并赔偿；被申请人认为是房屋老化，只愿承担一部分。",
        "双方一同查看现场，确认漏点在楼上卫生间防水层。申请人要求赔偿三千元，被申请人提出先修后谈。",
        "一、被申请人在十日内重做卫生间防水。\n二、被申请人一次性补偿申请人墙面修复费一千八百元。\n三、双方互不再追究。",
    ),
    Story(
        "neighbours",
        "两户共用楼道，被申请人长期堆放纸箱和电动车，申请人多次劝说无果，发生口角。",
        "调解员说明消防通道规定，被申请人承认堆放，表示家中无处存放。",
        "一、被申请人三日内清空楼道。\n二、电动车停入小区车棚。\n三、双方今后有事先沟通。",
    ),
    Story(
        "property",
        "申请人认为电梯常坏、保洁不到位，拒交一年物业费；物业服务企业要求补交。",
        "物业出示维保记录，承认电梯停运累计二十余天。申请人愿意交费，要求减免。",
        "一、物业减免两个月物业费。\n二、申请人在十五日内交清其余费用。\n三、物业每月公示电梯维保情况。",
    ),
    Story(
        "damage",
        "申请人骑车经过小区出口，被被申请人的电动车碰倒，膝部擦伤，就医花费六百余元。",
        "双方对经过无异议，对误工费有分歧。",
        "一、被申请人支付医药费六百四十元、误工费三百元。\n二、款项当场付清。",
    ),
    Story(
        "family",
        "三名子女对母亲的照料和费用分担意见不一，申请人希望轮流照料。",
        "逐一听取意见，老人表示愿意住在长女家。",
        "一、母亲随长女居住。\n二、其余二人每月各承担赡养费八百元。\n三、每周至少看望一次。",
    ),
    Story(
        "consumer",
        "申请人在街边店铺购买的电饭煲使用三天后不通电，店铺只同意维修。",
        "店铺核对小票，确认在七日内。",
        "一、店铺为申请人更换同型号新机。\n二、申请人不再主张其他费用。",
    ),
    Story(
        "labour",
        "申请人在被申请人的装修工地做工二十天，工钱一直未结清。",
        "双方核对出工天数，尚欠四千二百元。",
        "一、被申请人分两次付清四千二百元，每次间隔十五日。\n二、逾期未付，申请人可向法院起诉。",
    ),
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """One made-up dispute, and how far it goes: the steps after its opening, with the days that lie between them."""

    story: Story
    opened_days_ago: int
    names: tuple[str, str]
    phones: tuple[str, str]
    steps: tuple[str, ...]


#: How far the disputes of the sample go, one after another.
_COURSES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ()),
    (4, ("session",)),
    (20, ("session", "agree")),
    (47, ("session", "session", "agree")),
    (70, ("session", "agree", "visit", "close")),
    (33, ("session", "fail", "close")),
    (26, ("session", "refer")),
    (90, ("session", "agree", "court", "visit")),
    (12, ("withdraw",)),
)


def disputes(count: int, seed: int) -> list[Dispute]:
    """The same for the same seed."""
    rng = Random(seed + 8)  # noqa: S311 - the same city from the same seed
    made = []
    for number in range(count):
        days, steps = _COURSES[number % len(_COURSES)]
        names = (person_name(rng), person_name(rng))
        phones = (f"100{rng.randrange(10**8):08d}", f"100{rng.randrange(10**8):08d}")
        made.append(Dispute(STORIES[number % len(STORIES)], days, names, phones, steps))
    return made


def days_of(begun: date, steps: Sequence[str]) -> list[tuple[str, date]]:
    """On which day each step is taken: three days apart, a visit three weeks after what came before it."""
    day, taken = begun, []
    for step in steps:
        day += timedelta(days=21 if step == "visit" else 3)
        taken.append((step, day))
    return taken
