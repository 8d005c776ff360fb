"""What counts across features: « Accueil » and « Statistiques » (R26)."""
