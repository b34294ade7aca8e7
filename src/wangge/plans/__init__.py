"""Division proposals: drafted on a map, checked, consulted, approved, and applied on a day in one transaction."""
