"""The letter of a new account, laid out by ReportLab's own platypus: the limit that reading HTML cannot pass."""

import io
from collections.abc import Iterable

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    Image,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from shared.notifications.content.notice import Notice
from shared.notifications.content.square import as_png
from shared.notifications.letters.address_window import BOLD, MONO, REGULAR

STEPS = (
    "Ouvrez l'adresse écrite dans le cadre : tapez-la, ou photographiez le carré noir et blanc avec votre téléphone.",
    "Tapez votre identifiant et votre mot de passe provisoire, avec les points et les tirets.",
    "Tapez votre adresse e-mail et choisissez un nouveau mot de passe.",
    "Ouvrez le message que vous recevrez par e-mail et confirmez votre adresse. C'est fini.",
)
for font in (REGULAR, BOLD, MONO):
    pdfmetrics.registerFont(TTFont(font.stem, str(font)))
pdfmetrics.registerFontFamily(REGULAR.stem, normal=REGULAR.stem, bold=BOLD.stem)
BODY = ParagraphStyle("body", fontName=REGULAR.stem, fontSize=10.5, leading=14, spaceAfter=2.2 * mm)
SMALL = ParagraphStyle("small", BODY, fontSize=9, leading=11)
KEY = ParagraphStyle("key", BODY, fontName=MONO.stem, fontSize=17, leading=21)
RIGHT = ParagraphStyle("right", BODY, alignment=2)


def lay_out(notices: Iterable[Notice]) -> bytes:
    """One document, a page for each."""
    story = [flowable for notice in notices for flowable in _letter(notice, _code(notice))]
    pdf = io.BytesIO()
    document = BaseDocTemplate(pdf)
    places = ((20, 245, 82, 38), (105, 214, 85, 28), (20, 12, 170, 198))
    frames = [Frame(left * mm, low * mm, wide * mm, high * mm, 0, 0, 0, 0) for left, low, wide, high in places]
    document.addPageTemplates(PageTemplate(frames=frames, pagesize=(210 * mm, 297 * mm)))
    document.build(story)
    return pdf.getvalue()


def _code(notice: Notice) -> Image:
    return Image(io.BytesIO(as_png(f"https://portail.example.org/connexion#id={notice.identifier}")), 29 * mm, 29 * mm)


def _letter(notice: Notice, code: Image) -> list[Flowable]:
    keys = [
        Paragraph("Votre identifiant", SMALL),
        Paragraph(notice.identifier, KEY),
        Paragraph("Votre mot de passe provisoire", SMALL),
        Paragraph(notice.initial_password or "", KEY),
        Paragraph("Le portail : <b>https://portail.example.org</b>", SMALL),
    ]
    box = [("BOX", (0, 0), (-1, -1), 0.8, HexColor("#555555")), ("BACKGROUND", (0, 0), (0, 0), HexColor("#f1f1f1"))]
    return [
        Paragraph("<b>Collège des Filaos</b>", BODY),
        Paragraph("12 rue des Filaos<br/>97400 SAINT-DENIS<br/>Tél. : 0262 00 00 00", SMALL),
        FrameBreak(),
        Paragraph("<br/>".join((f"{notice.civility} {notice.name}", *notice.address)), BODY),
        FrameBreak(),
        Paragraph("Saint-Denis, le 1er septembre 2026", RIGHT),
        Paragraph("<b>Objet : votre compte pour les téléservices</b>", BODY),
        Paragraph(f"{notice.civility},", BODY),
        Paragraph("Un compte est ouvert à votre nom pour suivre sur internet la scolarité de :", BODY),
        *(Paragraph(f"• {child.name}, classe de {child.division}", BODY) for child in notice.children),
        Table([[keys, code]], [134 * mm, 36 * mm], style=box),
        Paragraph("<b>Ce que vous devez faire</b>", BODY),
        Table([[f"{number}.", Paragraph(step, BODY)] for number, step in enumerate(STEPS, 1)], [8 * mm, 162 * mm]),
        Paragraph("À faire <b>avant le 1er décembre 2026</b>. Après cette date, ce compte sera supprimé.", BODY),
        Paragraph("Ne donnez ce mot de passe à personne. L'établissement ne vous le demandera jamais.", BODY),
        Spacer(1, 3 * mm),
        Paragraph("Le chef d'établissement<br/><b>M. Jean HOARAU</b>", RIGHT),
        PageBreak(),
    ]
