"""Word lists for invented people, the commonest first where it matters (`Dice.pick_common`)."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", ",").split(",") if word.strip())


REUNION_LAST_NAMES = _words("""
Payet, Hoarau, Grondin, Boyer, Fontaine, Rivière, Dijoux, Robert, Techer, Maillot, Lebon, Bègue, Turpin, Morel
Nativel, Mussard, Vitry, Hubert, Ethève, Lauret, Vienne, Gonthier, Smith, Clain, Picard, Gauvin, Dalleau, Lebreton
Damour, Cadet, Ferrère, Folio, Sautron, Virapoullé, Vélou, Ah-Kane, Ramassamy, Moutoussamy, Nourry, Ivoula, Técher
Mardaye, Saïd Ali, M'Doihoma, Chane-Kane, Chane-Teng, Ah-Kiem, Thia-Soui-Tchong, Lan-Yan-Tsi, Ah-Hot, Law-Yu
Abdallah, Ali Mohamed, Ahamada, M'Madi, M'Changama, Bacar, Soilihi, Issouf, Dambreville, Patel, Omarjee, Issop
Ingar, Moullan, Locate, Atchicanon, Apavou, Vayaboury, Soundrom, Sinimalé, Sinama, Sidat, Ramin, Rangassamy
Permalnaïck, Mounichy, Minatchy, Latchoumy, Latchoumanin, Kichenin, Kichenama, Govindin, Coupama, Cataye
Carpaye, Candassamy, Caroupanin, Canaguy, Arayapin, Allagapin, Savriama, Tamatave, Tergemina, Volnay, Zitte
Bénard, Bertil, Bénoni, Blard, Boulevart, Cazal, Cerveaux, Collet, D'Eurveilher, De Balmann, De Villèle
Deurveilher, Duchemann, Dérand, Élisabeth, Euphrasie, Fruteau, Futol, Gigan, Guézello, Hibon, Huet, Inès, Jean-Baptiste
Jean-Pierre, Joron, K'Bidy, Lacouture, Lallemand, Lebihan, Legros, Lépinay, Lucas, Maunier, Métro, Nassibou
Noël, Orus, Palas, Parvédy, Pothin, Poudroux, Rosalie, Sévagamy, Séry, Tossem, Valentin, Velia, Ycard, Zettor
Œchslin
""")

MAINLAND_LAST_NAMES = _words("""
Martin, Bernard, Thomas, Petit, Durand, Dubois, Moreau, Laurent, Simon, Michel, Lefèvre, Leroy, Roux, David, Bertrand
Garnier, François, Mercier, Dupont, Lambert, Bonnet, Girard, André, Blanc, Guérin, Faure, Rousseau, Vincent, Müller
Nicolas, Perrin, Morin, Mathieu, Clément, Gauthier, Dumont, Lopez, Chevalier, Legrand, Garcia, Fournier, Barbier
Aubert, Benoît, Carpentier, Charpentier, Collin, Da Silva, Deschamps, Dufour, Étienne, Fernandez, Gérard, Gaillard
Giraud, Guillot, Hervé, Huguet, Jacquet, Kerbrat, L'Hostis, Le Gall, Le Goff, Lebœuf, Lemaître, Lévêque, Maréchal
Marchand, Ménard, Noël, Olivier, Pécresse, Pelletier, Philippe, Poirier, Prévost, Quéméneur, Rémy, Renaud, Royer
Sœur, Schmitt, Sanchez, Tessier, Thévenin, Vasseur, Vidal, Weber, Benali, Haddad, Diallo, Traoré, N'Diaye, Nguyen
""")

COMMONEST_PEOPLE = (("Payet", "Marie"), ("Hoarau", "Marie"), ("Grondin", "Nathalie"), ("Boyer", "Sandrine"))
"""Last and first names that several unrelated mothers of one school bear."""

MOTHERS = _words("""
Marie, Nathalie, Sandrine, Stéphanie, Isabelle, Céline, Aurélie, Virginie, Émilie, Valérie, Sophie, Karine, Élodie
Christelle, Laëtitia, Marie-Annick, Marie-Line, Marie-Josée, Marie-Claude, Anne-Marie, Marie-Ange, Marie-Thérèse
Vanessa, Jessica, Mélanie, Angélique, Séverine, Delphine, Patricia, Corinne, Gaëlle, Anaïs, Noëlle, Sabrina, Ludivine
Rose-May, Ginette, Jacqueline, Josiane, Huguette, Marlène, Gladys, Mylène, Françoise, Hélène, Cécile, Agnès, Audrey
Fabienne, Florence, Magalie, Géraldine, Johanna, Clarisse, Fatima, Zaïnaba, Moinécha, Halima, Rehana, Devi, Lakshmi
Kamala, Mary-Lou, Dominique, Claude, Frédérique, Michèle, Danièle, Pascale, Joëlle, Andrée, Paule, Maéva, Priscilla
Betty, Murielle, Édith, Yolaine, Yvrose, Liliane, Micheline, Reine-May, Marie-Noëlle, Marie-Hélène, Lucie, Élise
""")

FATHERS = _words("""
Frédéric, Jean-Noël, Stéphane, David, Christophe, Nicolas, Jean-Marie, Jean-Claude, Jean-Pierre, Jean-François
Sébastien, Laurent, Jérôme, Olivier, Fabrice, Thierry, Cédric, Guillaume, Mickaël, Ludovic, Éric, Bruno, Patrick
Jean-Bernard, Jean-Luc, Jean-Yves, Jean-René, Jean-Hugues, Joseph, Emmanuel, Johnny, Willy, Teddy, Freddy, Dany, Jimmy
Giovanni, Ulrich, Gaël, Loïc, Joël, Raphaël, Rémi, Benoît, Grégory, Anthony, Samuel, François, Gérard, André, Hervé
Dominique, Claude, Michel, Daniel, Pascal, Paul, Georges, Max, Axel, Yannick, Fabien, Yoann, Expédit, Gilbert, Hary
Harry, Ibrahim, Saïd, Mohamed, Abdou, Ismaël, Youssouf, Soulé, Krishna, Vishnou, Mario, Marcelin, Maximin, Judicaël
Élie, Noé, Théophile, Aimé, Désiré, Honoré, Rosaire, Philippe, Didier, Franck, Julien, Alexandre, Vincent, Romain
""")

GIRLS = _words("""
Léa, Emma, Chloé, Manon, Inès, Camille, Louane, Maëlys, Zoé, Jade, Louna, Lou-Anne, Anaëlle, Noémie, Éloïse, Eva
Ambre, Clara, Mathilde, Océane, Lilou, Romane, Lana, Naïs, Élina, Maëlle, Noélie, Shana, Kélya, Shaïna, Lyna, Soraya
Nawal, Aïcha, Anaïs, Marie-Lou, Rose, Juliette, Alicia, Mélissa, Gaëlla, Héloïse, Célia, Margot, Agathe, Loïs, Kiara
Tiana, Swann, Taïna, Luna, Mila, Sarah, Lisa, Elsa, Jeanne, Louise, Anna, Victoria, Nina, Léonie, Adèle, Capucine
""")

BOYS = _words("""
Lucas, Enzo, Nathan, Mathis, Noah, Raphaël, Gabriel, Hugo, Théo, Noé, Maël, Timéo, Ethan, Kylian, Matéo, Loan, Léo
Jules, Tom, Yanis, Esteban, Gaëtan, Loïc, Adrien, Kenzo, Louis, Sacha, Maxence, Jean-Emmanuel, Djilali, Ayden, Naël
Rayan, Ismaël, Idriss, Soan, Swan, Liam, Eliott, Élouan, Evan, Rémi, Axel, Nolan, Marius, Arthur, Aaron, Malo, Titouan
Gabin, Martin, Victor, Paul, Ewen, Joachim, Noham, Zacharie, Mathéo, Clément, Antoine, Baptiste, Tiago, Ilan, Owen
""")

SPOUSES_ALIKE = (
    ("Frédérique", "Frédéric"),
    ("Michèle", "Michel"),
    ("Danièle", "Daniel"),
    ("Joëlle", "Joël"),
    ("Dominique", "Dominique"),
    ("Claude", "Claude"),
    ("Pascale", "Pascal"),
    ("Gaëlle", "Gaël"),
    ("Marie-Paule", "Paul-Marie"),
    ("Andrée", "André"),
)
"""First names of wives and husbands that only a letter sets apart, if any."""

TWIN_SISTERS = (
    ("Marie-Line", "Marie-Lise"),
    ("Marie-Annick", "Marie-Annie"),
    ("Claudine", "Claudette"),
    ("Josie", "Josiane"),
    ("Lisa", "Lise"),
    ("Emma", "Emmy"),
    ("Sandra", "Sandrine"),
)
"""First names of grown-up twins of one family name."""

PROFESSIONS = ("34", "38", "42", "43", "46", "52", "54", "56", "62", "67", "69", "71", "74", "76", "81", "85")
