"""Every write of forms, campaigns, answers and plants."""
