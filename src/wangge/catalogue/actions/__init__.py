"""Every write of the catalogue: how items come in, change and leave, and work that was refused."""

from wangge.catalogue.actions.admission import (
    admit_item,
    change_item,
    decline_item,
    propose_item,
    retire_item,
    review_item,
)
from wangge.catalogue.actions.lists import ListReport, import_items, load_sample_catalogue
from wangge.catalogue.actions.papers import add_paper
from wangge.catalogue.actions.refusals import refuse_work

__all__ = [
    "ListReport",
    "add_paper",
    "admit_item",
    "change_item",
    "decline_item",
    "import_items",
    "load_sample_catalogue",
    "propose_item",
    "refuse_work",
    "retire_item",
    "review_item",
]
