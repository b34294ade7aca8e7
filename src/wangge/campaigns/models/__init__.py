"""Forms, campaigns, whom they ask, and what was answered."""

from wangge.campaigns.models.campaign import Answer, AnswerPhoto, Campaign, DayTally, Material, Tally, Target
from wangge.campaigns.models.form import Form, FormPicture, FormVersion
from wangge.campaigns.models.plants import PlantCheck

__all__ = [
    "Answer",
    "AnswerPhoto",
    "Campaign",
    "DayTally",
    "Form",
    "FormPicture",
    "FormVersion",
    "Material",
    "PlantCheck",
    "Tally",
    "Target",
]
