"""« Accès des responsables », « Accès des élèves »."""
