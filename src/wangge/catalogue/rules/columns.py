"""The titles that a list of items may have, in English and Chinese."""

from collections.abc import Mapping

from wangge.catalogue.rules.items import COLUMNS

_CHINESE = (
    "编码",
    "业务",
    "分组",
    "分组名称",
    "分组英文名",
    "事项名称",
    "英文名称",
    "关键词",
    "责任部门",
    "首办层级",
    "紧急程度",
    "受理时限",
    "处置时限",
    "核查时限",
    "加急百分比",
    "特急百分比",
    "现场凭证",
    "保密",
    "吹哨类型",
    "保存年限",
    "法律依据",
    "采集内容",
    "每件用时",
    "每周用时",
    "常见程度",
    "雨天",
    "冬季",
    "夜间",
)

COLUMN_TITLES: Mapping[str, str] = dict(zip(_CHINESE, COLUMNS, strict=True)) | {
    name: name for name in COLUMNS
}
"""Title → column, for `base.tables.reading.rows_of`."""
