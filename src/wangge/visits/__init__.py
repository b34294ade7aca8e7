"""What grid workers do on foot: visits and what makes them due, rounds, shifts, patrols, places to check."""
