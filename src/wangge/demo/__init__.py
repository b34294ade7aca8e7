"""The sample city and its simulated life; everything in it is made up but the names and codes."""
