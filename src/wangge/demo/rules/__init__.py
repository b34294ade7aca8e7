"""The made-up city on plain values: its areas, people, texts and the stated distributions. Each is a module of its own."""
