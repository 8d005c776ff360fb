"""Letters: their words, their pages, the PDF that is printed (R17, R20, R21)."""
