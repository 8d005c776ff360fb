"""« Statistiques »: its tables and its charts."""
