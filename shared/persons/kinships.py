"""What `CODE_PARENTE` means: the labels of the nomenclature of SIECLE, in the words of families."""

KINSHIPS = {
    "10": "mère",
    "20": "père",
    "37": "frère ou sœur",
    "38": "grand-parent ou autre ascendant",
    "39": "autre membre de la famille",
    "41": "éducateur",
    "42": "assistant familial",
    "50": "tuteur",
    "51": "aide sociale à l'enfance",
    "70": "l'élève même",
    "90": "autre lien",
}


def kinship_in_words(code: str | None) -> str | None:
    """What a person is to a student; a code that the nomenclature does not know is told as such."""
    return KINSHIPS.get(code, f"autre lien (code {code} de SIECLE)") if code else None
