// SPDX-License-Identifier: MIT
import Testing

@testable import AutoMix

/// What stems are, by their names.
@Suite struct StemKindTests {
  @Test(arguments: [
    ("drums", StemKind.drums), ("01_Kick In", .kick), ("Bass Drum", .kick), ("bass", .bass),
    ("BassGtr DI", .guitar), ("Lead Vox", .vocals), ("BGVOX HARMONY", .backingVocals),
    ("backing vocals 2", .backingVocals), ("vocals", .vocals), ("LeadVocals", .vocals),
    ("Snare_Top", .drums), ("hi-hat", .drums), ("OH L", .drums), ("MINILOGUE SYNTH", .synth),
    ("vocal synth", .synth), ("Rhodes", .piano), ("eGtr-3", .guitar), ("AcousticGuitar", .guitar),
    ("other", .other), ("no_vocals", .other), ("instrumental", .other), ("Sub", .bass),
    ("strings", .synth), ("vox-lead", .vocals), ("VOX_LEAD_01", .vocals), ("vocal lead", .vocals),
    ("guitar lead", .guitar), ("lead", .synth), ("lead synth 2", .synth), ("leadguitar", .guitar),
    ("vox-echo", .backingVocals), ("bass+drums", .drums), ("BassDrum", .kick), ("kick drum", .kick),
  ])
  func namesAreReadAsPeopleWriteThem(name: String, kind: StemKind) {
    #expect(StemKind(name: name) == kind)
  }

  @Test(arguments: ["", "Audio 1", "track03", "æøå", "🎸", "Take 7 final FINAL"])
  func aNameThatSaysNothingGivesNoKind(name: String) {
    #expect(StemKind(name: name) == nil)
  }
}
