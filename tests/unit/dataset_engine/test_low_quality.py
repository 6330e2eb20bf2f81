"""Remove_Low_Quality: every rule by name, with the score that crossed its threshold."""

from __future__ import annotations

import pytest

from services.dataset.engine.ledger import Drop
from services.dataset.engine.operators.remove_low_quality import LowQuality, LowQualityOptions, grams, repeated_share

WORDS = [f"{first}{second}" for first in ("plan", "tree", "river", "stone", "light") for second in ("ing", "ed", "er", "s", "ful", "less")]
PROSE = "The quick answer to a question is that words have meaning. " + " ".join(WORDS)
CHINESE = "数据清洗的目的是去除网页中的标签与重复内容，使得后续训练得到干净的语料。好的规则应当说明每一条记录为何被丢弃，并给出分数与阈值。"


def judge(text: str, **options: float) -> Drop | None:
    record = {"id": "1", "text": text}
    verdict = LowQuality(LowQualityOptions(**options)).judge(record)  # type: ignore[arg-type]
    if isinstance(verdict, Drop):
        return verdict
    assert verdict is record
    return None


@pytest.mark.parametrize("text", [PROSE, CHINESE, CHINESE + " json.dumps(obj)", "\n".join([PROSE, "x = 1", "x = 1"])])
def test_good_texts_stay(text: str) -> None:
    assert judge(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("too short", "words_too_few"),
        ("", "words_too_few"),
        ("the and of " + "a " * 40, "words_too_short"),
        (PROSE + " " + "x" * 3000, "words_too_long"),
        (PROSE + " #" * 30, "symbols"),
        (PROSE + " !?=+/&%$" * 60, "punctuation"),
        ("the of and " + "1234 " * 60, "alphabetic_words"),
        (" ".join(WORDS), "stop_words"),
        ("\n".join([PROSE] + ["the same line again and again to be sure"] * 30), "repeated_lines"),
        (PROSE + " words that have been said to be so of old" * 60, "repeated_text"),
        ("数据", "han_too_few"),
        (CHINESE + "……" * 20, "symbols"),
        (CHINESE + "，。！？" * 40, "punctuation"),
        (CHINESE + "\n同样的一行内容" * 30, "repeated_lines"),
        (CHINESE + "重复的内容总是这样" * 60, "repeated_text"),
    ],
)
def test_bad_texts_go_with_reason_score_and_threshold(text: str, reason: str) -> None:
    verdict = judge(text)
    assert verdict is not None
    assert verdict.reason == reason
    assert verdict.score is not None
    assert verdict.threshold is not None
    assert verdict.score != verdict.threshold


def test_thresholds_are_inclusive_and_are_options() -> None:
    words = len(PROSE.split())
    assert judge(PROSE, min_words=words, max_words=words) is None
    assert judge(PROSE, min_words=words + 1) == Drop("words_too_few", words, words + 1)
    assert judge(PROSE, max_words=words - 1) == Drop("words_too_many", words, words - 1)
    assert judge(" ".join(WORDS), min_stop_words=0) is None


def test_repetition_by_hand() -> None:
    assert repeated_share([]) == 0
    assert repeated_share(["a", "b", "a", "a"]) == 0.5
    assert grams("abcdef", 5) == [tuple("abcde"), tuple("bcdef")]
    assert grams("abc", 5) == []


PARAGRAPHS = {
    "en": (
        "The lamp over the gate is lit at dusk and goes out in the morning, and"
        " the guard notes in his book when one of them has to be changed."
    ),
    "zh": "门口的灯在黄昏时点亮，清晨自动熄灭。如果有灯泡需要更换，值班人员会在登记本里写下时间和位置，以便维修。",
    "de": (
        "Die Lampe über dem Tor wird in der Dämmerung angezündet und geht am Morgen"
        " aus, und der Wächter schreibt auf, wann eine davon zu wechseln ist."
    ),
    "fr": (
        "La lampe au-dessus de la porte est allumée au crépuscule et s'éteint le"
        " matin, et le gardien note dans son cahier quand il faut en changer une."
    ),
    "es": (
        "La lámpara de la puerta se enciende al anochecer y se apaga por la mañana,"
        " y el guardia apunta en su libro cuándo hay que cambiar una de ellas."
    ),
    "pt": (
        "A lâmpada do portão é acesa ao anoitecer e apaga-se de manhã, e o guarda"
        " escreve no livro quando uma delas tem de ser trocada por outra nova."
    ),
    "pl": (
        "Lampa nad bramą zapala się o zmierzchu i gaśnie rano, a strażnik zapisuje"
        " w książce, kiedy jedna z nich ma być wymieniona na nową przez majstra."
    ),
    "tr": (
        "Kapının üstündeki lamba akşam yakılır ve sabah söner, bekçi de her birinin ne zaman değiştirilmesi"
        " gerektiğini bir deftere yazar ve bize haber verir ki unutulmasın diye."
    ),
    "ru": (
        "Лампа над воротами зажигается в сумерках и гаснет утром, а сторож записывает"
        " в книгу, когда одну из них нужно заменить, и сообщает об этом в мастерскую."
    ),
    "el": (
        "Η λάμπα πάνω από την πύλη ανάβει το σούρουπο και σβήνει το πρωί, και"
        " ο φύλακας γράφει στο βιβλίο πότε πρέπει να αλλάξει κάποια από αυτές."
    ),
    "ko": (
        "문 위의 등불은 해 질 무렵에 켜지고 아침이 되면 꺼지며 경비원은 전구를 갈아야"
        " 할 때마다 장부에 시간과 장소를 적어 두고 정비소에 전화로 미리 알려 줍니다."
    ),
    "ja": (
        "もんのうえのあかりはゆうがたについて、あさになるときえます。でんき"
        "ゅうをかえるときは、ばんにんがちょうめんにじかんをかいておきます。"
    ),
    "th": "ไฟเหนือประตูจะเปิดตอนพลบค่ำและดับในตอนเช้า ยามจะจดเวลาลงในสมุดทุกครั้งที่ต้องเปลี่ยนหลอดไฟ และแจ้งช่างให้มาตรวจดูด้วย",
    "hi": ("फाटक के ऊपर का दीपक शाम होते ही जलाया जाता है और सुबह बुझ जाता है, और पहरेदार अपनी बही में लिखता है कि कब उनमें से किसी को बदलना है।"),
    "ar": (
        "يضاء المصباح فوق البوابة عند الغروب وينطفئ في الصباح، ويكتب الحارس في دفتره متى يجب تغيير واحد منها ويخبر الورشة بذلك في كل مرة."
    ),
    "sw": (
        "Taa iliyo juu ya lango huwashwa jioni. Huzimika asubuhi. Mlinzi huandika kwenye"
        " daftari lake kila taa moja inapohitaji kubadilishwa, kisha huwaambia mafundi."
    ),
}


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_good_prose_stays_in_any_language(language: str) -> None:
    assert judge(PARAGRAPHS[language]) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# # ... *** !!! ### ... $$$ >>> ### ... %%% ^^^ &&& ... # # ... ((( ))) ... ### ... !!! ??? ... ###", "symbols"),
        (
            "Hjem Produkter Kontakt Nyheter Kart Hjelp Personvern Logg Handlekurv Tilbud Butikker Kundeservice Frakt Retur Gavekort Blogg",
            None,
        ),
        (" ".join(f"Produkt{number}" for number in range(60)), "stop_words"),
        ("ญ" * 5, "han_too_few"),
        (PARAGRAPHS["th"] + " เปิดปิดเปิดปิดเปิดปิด" * 60, "repeated_text"),
    ],
)
def test_spam_goes_in_any_language(text: str, reason: str | None) -> None:
    verdict = judge(text)
    assert verdict is not None
    assert reason is None or verdict.reason == reason


PAIRS = [
    {"instruction": "How high is the dam?", "input": "", "output": "48 m"},
    {"instruction": "2 + 2?", "input": "", "output": "4"},
    {"instruction": "几点开门？", "input": "", "output": "八点"},
    {"instruction": "Solve 3(x - 1) = 2x + 5.", "input": "", "output": "x = 8"},
    {"instruction": "Which address?", "input": "", "output": "https://example.org/a/long/address/that/is/one/word/and/no/prose/at/all"},
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Hello!"}]}]},
    {"conversations": [{"from": "human", "value": "Danke"}, {"from": "gpt", "value": "Bitte."}]},
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(next(iter(pair.values())))[:20])
def test_questions_and_answers_may_be_short(pair: dict[str, object]) -> None:
    assert LowQuality(LowQualityOptions()).judge({"id": "1", **pair}) == {"id": "1", **pair}


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("!!! $$$ >>> <<< *** %%% ^^^ &&& ((( ))) ??? !!! $$$", "punctuation"),
        ("ha " * 300, "repeated_text"),
        ("x" * 3000, "words_too_long"),
    ],
)
def test_an_answer_of_spam_goes(output: str, reason: str) -> None:
    verdict = LowQuality(LowQualityOptions()).judge({"id": "1", "instruction": "q?", "output": output})
    assert isinstance(verdict, Drop)
    assert verdict.reason == reason


def test_a_threshold_that_is_given_is_for_both_kinds() -> None:
    rule = LowQuality(LowQualityOptions(min_words=5))
    assert rule.judge({"id": "1", "instruction": "a b", "output": "c"}) == Drop("words_too_few", 3, 5)
    assert rule.judge({"id": "1", "text": "The end of a day is in sight"}) == {"id": "1", "text": "The end of a day is in sight"}
