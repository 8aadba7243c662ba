# SPDX-License-Identifier: MIT
"""Words to sing: plain everyday words put together at random, and nonsense syllables.

No line is taken from any song. Other languages are here for their sounds, not for their sense.
"""

WORDS = {
    "en": """light night river golden morning shadow over under water fire window silver mountain
    summer winter open road home heart hand stone star moon rain cloud ocean distant whisper hold
    fall rise run turn slow fast high low deep wide never ever always maybe someone nobody city
    street wheel train paper letter colour yellow blue green red dancing waiting calling breaking
    making taking falling through between beyond away again today tonight tomorrow feel know see
    hear go stay leave come find lose keep give my your our the a and but so we you they I me it
    is was will can would every little bigger brother sister garden flower thunder feather ladder
    kitchen table engine radio signal mirror bottle candle shoulder children echo tower island
    valley desert forest bird wolf fox honey sugar bread salt iron copper cold warm bright dark
    strange gentle broken simple""",
    "en-us": """baby alright yeah oh ooh hey now ready steady party body power drive ride shine
    glow move groove shake wake break make take up down around ground sound round town crown black
    white gold bold told hold money sunny funny honey""",
    "es": """luna cielo noche agua fuego camino casa mano tierra viento mar verano tiempo sueño
    lejos cerca siempre nunca puerta ventana calle ciudad corazón sombra piedra blanca verde azul
    la el y de mi tu con por sin cuando donde quiero canto vuelvo""",
    "it": """luna cielo notte acqua fuoco strada casa mano terra vento mare estate tempo sogno
    lontano vicino sempre mai porta finestra città cuore ombra pietra bianca verde la il e di mio
    con per senza quando dove voglio canto torno""",
    "de": """Mond Himmel Nacht Wasser Feuer Straße Haus Hand Erde Wind Meer Sommer Zeit Traum
    weit nah immer nie Tür Fenster Stadt Herz Schatten Stein weiß grün und der die das mein mit
    ohne wenn wohin gehen singen fliegen leise morgen über""",
    "fr": """lune ciel nuit eau feu chemin maison main terre vent mer été temps rêve loin près
    toujours jamais porte fenêtre ville coeur ombre pierre blanche verte la le et de mon avec pour
    sans quand où chanter revenir doucement matin""",
    "pt": """lua céu noite água fogo caminho casa mão terra vento mar verão tempo sonho longe
    perto sempre nunca porta janela cidade coração sombra pedra branca verde a o e de meu com por
    sem quando onde quero canto""",
    "sv": """måne himmel natt vatten eld väg hus hand jord vind hav sommar tid dröm långt nära
    alltid aldrig dörr fönster stad hjärta skugga sten vit grön och den min med utan när sjunga""",
    "fi": """kuu taivas yö vesi tuli tie talo käsi maa tuuli meri kesä aika uni kaukana lähellä
    aina ovi ikkuna kaupunki sydän varjo kivi valkoinen vihreä ja se minun kanssa laulaa""",
    "nl": """maan hemel nacht water vuur weg huis hand aarde wind zee zomer tijd droom ver dichtbij
    altijd nooit deur raam stad hart schaduw steen wit groen en de mijn met zonder zingen""",
    "ru": """луна небо ночь вода огонь дорога дом рука земля ветер море лето время сон далеко
    близко всегда никогда дверь окно город сердце тень камень белый и мой без когда петь""",
    "pl": """księżyc niebo noc woda ogień droga dom ręka ziemia wiatr morze lato czas sen daleko
    blisko zawsze nigdy drzwi okno miasto serce cień kamień biały i mój bez kiedy śpiewać""",
    "tr": """ay gök gece su ateş yol ev el toprak rüzgar deniz yaz zaman rüya uzak yakın hep kapı
    pencere şehir kalp gölge taş beyaz yeşil ve benim ile""",
    "sw": """mwezi anga usiku maji moto njia nyumba mkono dunia upepo bahari wakati ndoto mbali
    karibu daima mlango dirisha mji moyo kivuli jiwe nyeupe na yangu bila kuimba""",
    "ja": """つき そら よる みず ひ みち いえ て つち かぜ うみ なつ とき ゆめ とおく いつも
    まど まち こころ かげ いし しろ みどり わたし うた はな あめ ゆき""",
    "el": """φεγγάρι ουρανός νύχτα νερό φωτιά δρόμος σπίτι χέρι γη θάλασσα καλοκαίρι όνειρο
    μακριά πάντα πόρτα πόλη καρδιά πέτρα άσπρο και μου χωρίς""",
    "id": """bulan langit malam air api jalan rumah tangan tanah angin laut waktu mimpi jauh
    dekat selalu pintu jendela kota hati batu putih hijau dan ku tanpa nyanyi""",
}
WORDS = {language: text.split() for language, text in WORDS.items()}
LANGUAGES = list(WORDS)

ONSETS = ["l", "n", "m", "d", "b", "s", "sh", "t", "k", "r", "v", "w", "y", "h", "f", "g", "p", ""]
NUCLEI = ["a", "e", "i", "o", "u", "a", "o"]


def text(rng, language, words):
    """About `words` words. Real choruses repeat themselves, so this does now and then."""
    if rng.random() < 0.15:  # nonsense: la la du na
        base = [str(rng.choice(ONSETS)) + str(rng.choice(NUCLEI)) for _ in range(4)]
        return " ".join(str(rng.choice(base)) for _ in range(words))
    line = [str(w) for w in rng.choice(WORDS[language], words)]
    if rng.random() < 0.2 and words > 4:
        line = line[: words // 2] * 2
    return " ".join(line)
