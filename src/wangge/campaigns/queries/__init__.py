"""Every read of forms, campaigns, answers and plants."""
