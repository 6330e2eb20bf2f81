"""Small words that sentences of a language have and lists of names do not, for languages written in Latin letters with spaces.

English is the list of the published Gopher rules. The others were chosen by the same measure: among the most frequent words of the
language, short, and grammar rather than content.
"""

from __future__ import annotations

ENGLISH = frozenset(("the", "be", "to", "of", "and", "that", "have", "with", "is", "a", "in", "for"))
LANGUAGES: tuple[frozenset[str], ...] = (
    ENGLISH,
    frozenset(("der", "die", "das", "und", "ist", "in", "zu", "den", "nicht", "von", "sie", "mit", "ein", "eine", "auf", "für", "wird")),
    frozenset(("le", "la", "les", "de", "des", "et", "est", "un", "une", "en", "que", "pour", "dans", "qui", "sur", "du", "pas", "au")),
    frozenset(("el", "la", "los", "las", "de", "del", "y", "es", "un", "una", "en", "que", "por", "para", "con", "se", "no", "al", "si")),
    frozenset(("o", "a", "os", "as", "de", "do", "da", "e", "é", "um", "uma", "em", "que", "para", "com", "não", "se", "por", "no", "na")),
    frozenset(("il", "la", "i", "le", "di", "del", "e", "è", "un", "una", "in", "che", "per", "con", "non", "si", "da", "al", "della")),
    frozenset(("de", "het", "een", "en", "is", "in", "van", "op", "te", "dat", "die", "niet", "met", "voor", "zijn", "aan", "er", "om")),
    frozenset(("i", "w", "na", "z", "do", "nie", "się", "jest", "to", "że", "o", "a", "jak", "po", "co", "od", "za", "dla", "przez")),
    frozenset(("och", "att", "det", "en", "är", "på", "av", "för", "med", "som", "den", "ett", "till", "inte", "om", "i", "har", "de")),
    frozenset(("og", "at", "det", "en", "er", "på", "av", "af", "for", "med", "som", "den", "et", "til", "ikke", "i", "har", "de")),
    frozenset(("a", "je", "na", "se", "v", "ve", "že", "s", "z", "do", "to", "i", "o", "k", "by", "pro", "si", "jako", "byl", "není")),
    frozenset(("ve", "bir", "bu", "da", "de", "için", "ile", "çok", "ne", "o", "gibi", "daha", "en", "olarak", "mi", "her", "ya", "ki")),
    frozenset(("yang", "dan", "di", "ke", "dari", "untuk", "dengan", "ini", "itu", "pada", "tidak", "adalah", "akan", "dalam", "oleh")),
    frozenset(("và", "là", "của", "có", "các", "một", "trong", "không", "được", "cho", "với", "những", "này", "khi", "đã", "để", "thì")),
    frozenset(("ja", "on", "ei", "se", "että", "hän", "oli", "mutta", "niin", "kun", "tai", "joka", "ovat", "sen", "myös", "kuin")),
    frozenset(("a", "az", "és", "hogy", "nem", "is", "egy", "ez", "van", "de", "ha", "meg", "csak", "mint", "vagy", "már", "el")),
    frozenset(("de", "la", "și", "în", "a", "cu", "pe", "că", "nu", "o", "un", "din", "este", "se", "la", "mai", "sau", "pentru", "al")),
)


def most_shared(words: set[str]) -> int:
    """How many different function words of one language, the one with most, are among ``words`` (lower case)."""
    return max(len(language & words) for language in LANGUAGES)
