# SPDX-License-Identifier: MIT
"""The demo song on paper: "Take the Song Apart", D major, 104 beats a minute, ten bars and a chord.

Words and music were written for this project. Times are in beats, pitches are MIDI numbers.
"""

TEMPO = 104.0
BEATS = 43  # intro 2 bars, verse 4, chorus 4, last chord 3 beats
VERSE, CHORUS, END = 8, 24, 40

# (start, beats, bass note, chord)
CHORDS = [
    (0, 4, 35, (59, 62, 66, 69)), (4, 4, 31, (59, 62, 66, 67)),
    (8, 4, 35, (59, 62, 66, 69)), (12, 4, 31, (59, 62, 66, 67)),
    (16, 4, 38, (57, 62, 64, 66)), (20, 4, 33, (57, 61, 64, 69)),
    (24, 4, 31, (59, 62, 67, 69)), (28, 4, 33, (57, 61, 64, 69)),
    (32, 2, 30, (57, 61, 64, 66)), (34, 2, 35, (59, 62, 66, 69)),
    (36, 2, 31, (59, 62, 64, 67)), (38, 2, 33, (57, 62, 64, 69)),
    (40, 4, 38, (57, 62, 66, 69)),
]

# Lines of the voice: words, then (start, beats, pitch) for each syllable.
VERSE_LINES = [
    ("paper lanterns on the bay",
     [(8, .5, 66), (8.5, .5, 66), (9, .5, 66), (9.5, .5, 64), (10, .5, 66), (10.5, .5, 69),
      (11, .9, 66)]),
    ("tell the wind to come and play",
     [(12, .5, 67), (12.5, .5, 67), (13, .5, 66), (13.5, .5, 64), (14, .5, 62), (14.5, .5, 64),
      (15, .9, 62)]),
    ("I have walked a thousand miles",
     [(16, .5, 66), (16.5, .5, 66), (17, .5, 66), (17.5, .5, 64), (18, .5, 66), (18.5, .5, 69),
      (19, .9, 71)]),
    ("just to hear the morning say",
     [(20, .5, 69), (20.5, .5, 69), (21, .5, 67), (21.5, .5, 66), (22, .5, 64), (22.5, .5, 66),
      (23, .8, 64)]),
]
CHORUS_LINES = [
    ("take the song apart",
     [(24, 1, 71), (25, .5, 71), (25.5, .5, 69), (26, .5, 71), (26.5, 1.3, 74)]),
    ("hear its beating heart",
     [(28, 1, 73), (29, .5, 71), (29.5, .5, 69), (30, .5, 71), (30.5, 1.3, 69)]),
    ("all the voices find their way",
     [(32, .5, 69), (32.5, .5, 69), (33, .5, 71), (33.5, .5, 73), (34, .5, 74), (34.5, .5, 73),
      (35, .9, 71)]),
    ("back home tonight",
     [(36, 1, 71), (37, 1, 69), (38, 1.5, 73), (39.5, 2.7, 74)]),
]
# The second voice of the chorus, one pitch for each syllable above.
HARMONY = [[67, 67, 66, 67, 71], [69, 67, 66, 67, 64], [66, 66, 67, 69, 71, 69, 66],
           [67, 66, 69, 69]]


def drums():
    """(start, name, velocity) of every stroke."""
    strokes = [(b / 2, "hat", 0.35 + 0.25 * (b % 2 == 0)) for b in range(4, 14)]
    strokes += [(4, "kick", 0.8), (6.5, "kick", 0.6), (6, "snare", 0.35)]
    strokes += [(7, "tom1", 0.7), (7.25, "tom1", 0.6), (7.5, "tom2", 0.8), (7.75, "tom2", 0.7)]
    for bar in range(VERSE, CHORUS, 4):
        strokes += [(bar, "kick", 1.0), (bar + 1.75, "kick", 0.6), (bar + 2.5, "kick", 0.85)]
        strokes += [(bar + 1, "snare", 0.85), (bar + 3, "snare", 0.9)]
        strokes += [(bar + b / 2, "hat", 0.8 if b % 2 == 0 else 0.5) for b in range(8)]
    strokes += [(23.25, "snare", 0.5), (23.5, "snare", 0.65), (23.75, "snare", 0.85)]
    strokes += [(CHORUS, "crash", 0.9), (32, "crash", 0.6), (END, "crash", 0.8)]
    for bar in range(CHORUS, END, 4):
        strokes += [(bar, "kick", 1.0), (bar + 0.75, "kick", 0.55), (bar + 2, "kick", 0.9),
                    (bar + 2.75, "kick", 0.7)]
        for beat in (1, 3):
            strokes += [(bar + beat, "snare", 0.95), (bar + beat, "clap", 0.55)]
        strokes += [(bar + b / 4, "hat", (0.75, 0.3, 0.0, 0.35)[b % 4]) for b in range(16)]
        strokes += [(bar + b + 0.5, "open", 0.5) for b in range(4)]
    strokes += [(39, "tom1", 0.8), (39.25, "tom1", 0.7), (39.5, "tom2", 0.9), (39.75, "tom2", 0.8)]
    strokes += [(END, "kick", 1.0), (END, "snare", 0.6)]
    return [s for s in strokes if s[2] > 0]


def bass():
    """(start, beats, pitch)."""
    notes = [(4, 1.4, 31), (5.5, .4, 31), (6, .9, 31), (7, .4, 33), (7.5, .4, 34)]
    for start, beats, root, _ in CHORDS[2:6]:
        notes += [(start, 1.4, root), (start + 1.75, .2, root), (start + 2, .45, root),
                  (start + 2.5, .9, root + 12 if root < 34 else root + 7), (start + 3.5, .4, root)]
    for start, beats, root, _ in CHORDS[6:12]:
        for b in range(int(beats * 2)):
            notes.append((start + b / 2, .42, root + (12 if b % 4 == 3 else 0)))
    return notes + [(END, 2.8, 38)]
