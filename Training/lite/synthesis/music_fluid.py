# SPDX-License-Identifier: MIT
"""FluidSynth through its C library, so that parts render in memory."""

from __future__ import annotations

import ctypes
import ctypes.util
import os

import numpy as np

from .music_dsp import SAMPLE_RATE

SOUND_FONT = os.environ.get("SOUND_FONT", "/usr/share/sounds/sf2/FluidR3_GM.sf2")
DRUM_BANK = 128
BLOCK = 64  # FluidSynth renders in blocks of this many frames.


class FluidSynth:
    """An offline General MIDI synthesiser with one channel in use at a time."""

    def __init__(self, sound_font: str = SOUND_FONT):
        name = ctypes.util.find_library("fluidsynth")
        if name is None or not os.path.exists(sound_font):
            raise RuntimeError("Install the Debian packages fluidsynth and fluid-soundfont-gm.")
        library = ctypes.CDLL(name)
        library.new_fluid_settings.restype = ctypes.c_void_p
        library.new_fluid_synth.restype = ctypes.c_void_p
        settings = ctypes.c_void_p(library.new_fluid_settings())
        for key, value in ((b"synth.sample-rate", SAMPLE_RATE), (b"synth.gain", 0.6)):
            library.fluid_settings_setnum(settings, key, ctypes.c_double(value))
        for key, value in (
            (b"synth.reverb.active", 0),
            (b"synth.chorus.active", 0),
            (b"synth.polyphony", 128),
        ):
            library.fluid_settings_setint(settings, key, value)
        self._library, self._settings = library, settings
        self._synth = ctypes.c_void_p(library.new_fluid_synth(settings))
        self._font = library.fluid_synth_sfload(self._synth, sound_font.encode(), 1)
        if self._font < 0:
            raise RuntimeError(f"FluidSynth cannot read {sound_font}.")

    def render(
        self, notes, frames: int, program: int, bank: int = 0, controls=(), bends=()
    ) -> np.ndarray:
        """Plays `notes` and returns (2, frames).

        `controls` are (seconds, controller, 0...127); `bends` are (seconds, semitones within 2).
        """
        library, synth = self._library, self._synth
        library.fluid_synth_system_reset(synth)
        library.fluid_synth_program_select(synth, 0, self._font, bank, program)
        events = []
        for note in notes:
            events.append((note.start + note.duration, 0, note.midi, 0))
            events.append((note.start, 3, note.midi, int(np.clip(note.velocity * 127, 1, 127))))
        events += [
            (at, 1, controller, int(np.clip(value, 0, 127))) for at, controller, value in controls
        ]
        events += [(at, 2, 0, int(np.clip(8192 + 4096 * bend, 0, 16383))) for at, bend in bends]
        total = -(-frames // BLOCK) * BLOCK
        out = np.zeros((2, total), np.float32)
        left, right = (ctypes.c_void_p(out[c].ctypes.data) for c in range(2))
        position = 0
        for at, kind, first, second in sorted(events):
            target = min(total, max(0, int(at * SAMPLE_RATE)) // BLOCK * BLOCK)
            if target > position:
                library.fluid_synth_write_float(
                    synth, target - position, left, position, 1, right, position, 1
                )
                position = target
            if kind == 0:
                library.fluid_synth_noteoff(synth, 0, first)
            elif kind == 1:
                library.fluid_synth_cc(synth, 0, first, second)
            elif kind == 2:
                library.fluid_synth_pitch_bend(synth, 0, second)
            else:
                library.fluid_synth_noteon(synth, 0, first, second)
        if position < total:
            library.fluid_synth_write_float(
                synth, total - position, left, position, 1, right, position, 1
            )
        library.fluid_synth_system_reset(synth)
        return out[:, :frames]

    def close(self) -> None:
        """Frees the synthesiser. A new one per song makes each song depend on its seed alone."""
        self._library.delete_fluid_synth(self._synth)
        self._library.delete_fluid_settings(self._settings)
