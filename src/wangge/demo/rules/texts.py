"""Short texts for made-up cases, in the project's own words: what is said of which item at which place. Pure."""

from random import Random

_TOWN_SPOTS = (
    "{n}号楼下", "{n}号楼{u}单元", "东门外", "西门口", "幼儿园旁", "小广场边", "地下车库出口", "菜场后街", "主干道路口", "公交站台旁",
    "物业办公室旁", "老年活动室门前", "健身角", "沿街商铺前", "围墙外侧",
)  # fmt: skip
_VILLAGE_SPOTS = (
    "村东头", "村西桥边", "村部门前", "{n}组路口", "{n}组水塘边", "小学门前", "卫生室旁", "打谷场边", "灌溉渠旁", "进村路口",
    "村北林地", "{n}组居民家旁", "便民超市旁", "文化广场",
)  # fmt: skip
_SINCE = (
    "今天早上开始",
    "已有两三天",
    "昨晚发现",
    "上周以来",
    "持续半个多月",
    "刚刚发现",
    "近来反复出现",
    "雨后更加明显",
)
_WISHES = (
    "请尽快处理",
    "请派人来看看",
    "希望给个答复",
    "请到现场核实",
    "盼早日解决",
    "请帮忙协调",
    "担心出事，请重视",
)
_FINDERS = {
    "grid": "巡查时发现",
    "community": "社区接到居民反映",
    "township": "街道走访中了解到",
    "county": "来电反映",
    "department": "部门检查中发现",
}

ANSWERS = {
    "mended": (
        "已到现场处理完毕，恢复正常。",
        "已安排人员处置，现场复查无异常。",
        "当天派工，问题已解决并告知反映人。",
        "已整改到位，将继续巡查。",
    ),
    "answered": (
        "已向反映人说明政策和办理途径。",
        "已电话答复，反映人表示了解。",
        "已告知所需材料和窗口，可随时办理。",
    ),
    "nothing": ("到现场查看，未发现所反映的情况。", "多次查看未见异常，已告知反映人留意。"),
    "not_ours": ("不属本级职责，已转告并告知反映人。",),
    "planned": ("需统一安排施工，已列入计划。", "资金和设计已落实，按计划实施。"),
    "refused": ("所提要求没有依据，已书面说明理由。", "超出事项范围，已说明理由并告知其他途径。"),
    "repeated": ("与此前的事件为同一件事，并案答复。",),
}
GROUNDS = ("没有法律法规依据", "超出事项范围", "所需材料不能补正")
WHOSE = ("市级主管部门", "产权单位", "业主自行负责", "相邻区县")
RETURN_REASONS = ("不属本部门职责", "地点不在本辖区", "需先由产权单位处理")
ESCALATE_REASONS = ("超出本级处置能力", "涉及多个部门，需上级协调", "多次处置未果")
SUSPEND_REASONS = ("等待配件到货", "等待雨停后施工", "等待第三方鉴定", "当事人外出，约定时间")
NOT_MENDED_REASONS = ("现场仍未处理好", "处理后又复发", "只处理了一部分")
SUPERVISE_REASONS = ("群众反映强烈", "涉及安全，限期办结", "多次超期")
CANCEL_REASONS = ("误报", "反映人撤回", "已自行解决")
REOPEN_REASONS = ("反映人来电称问题又出现", "抽查发现未到位")


def spot(village: bool, rng: Random) -> str:
    """A spot that could be anywhere."""
    return rng.choice(_VILLAGE_SPOTS if village else _TOWN_SPOTS).format(
        n=rng.randint(1, 28), u=rng.randint(1, 4)
    )


def title(area: str, where: str, item: str, word: str, rng: Random) -> str:
    """Names the place and what it is about."""
    return f"{area}{where}：{item}" if rng.random() < 0.6 else f"{area}{where}{word}问题"


def description(finder: str, where: str, item: str, word: str, rng: Random) -> str:
    """A sentence or two around the item's words."""
    return f"{_FINDERS[finder]}，{where}有“{word}”情况，属“{item}”，{rng.choice(_SINCE)}，{rng.choice(_WISHES)}。"
