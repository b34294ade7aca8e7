"""What a register says of people, in which words, and what may not be said."""

#: 户籍在人在 · 人户分离 · 常住 · 流动
RESIDENCIES = ("registered_present", "registered_away", "permanent", "floating")
SEXES = ("m", "f")
#: To the head of the household.
RELATIONS = (
    "head",
    "spouse",
    "child",
    "parent",
    "grandchild",
    "grandparent",
    "sibling",
    "in_law",
    "other",
)

#: Why a stay began and why it ended.
CAME = ("known", "born", "moved_in", "within", "from_grid")
WENT = ("moved_out", "within", "to_grid", "died", "merged")

#: Which help: `visits` has the rules of how often. There is no kind for what somebody is suspected or thought capable of.
NEEDS = (
    "living_alone",
    "elder",
    "left_behind_child",
    "child_in_difficulty",
    "disability",
    "hardship",
    "illness",
    "other",
)
BASES = ("law", "consent")
CONSENTED_BY = ("self", "guardian")

TRANSFER_STATES = ("offered", "taken", "declined", "withdrawn")
