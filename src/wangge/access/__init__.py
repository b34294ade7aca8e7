"""Who may do what, as pure values: verbs, the duties that carry them, the viewer and their scope.

Has no tables and imports nothing of the product. Which post carries which duty is data of `staff`; which rows a scope
may touch is kept by the database's row policies.
"""

from wangge.access.duties import DUTIES, verbs_of
from wangge.access.verbs import Verb
from wangge.access.viewer import PUBLIC, Seat, Viewer, system_viewer

__all__ = ["DUTIES", "PUBLIC", "Seat", "Verb", "Viewer", "system_viewer", "verbs_of"]
