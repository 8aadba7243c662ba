// SPDX-License-Identifier: MIT
import Testing

@testable import Separation

@Suite struct ModelBagTests {
  private func bag(_ text: String) throws -> ModelBag {
    try ModelBag(MappedFile(bytes: Array(text.utf8)), name: "bag.yaml")
  }

  private static let identity = (0..<4).map { row in (0..<4).map { $0 == row ? 1.0 : 0.0 } }

  /// Written as in Demucs 4.1.0, demucs/remote.
  static let fineTuned = """
    models: ['f7e0c4bc', 'd12395a8', '92cfc3b6', '04573f0d']
    weights: [
      [1., 0., 0., 0.],
      [0., 1., 0., 0.],
      [0., 0., 1., 0.],
      [0., 0., 0., 1.],
    ]
    """

  @Test func demucsOwnBagsAreRead() throws {
    let tuned = try bag(Self.fineTuned)
    #expect(tuned.models == ["f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d"])
    #expect(tuned.weights == Self.identity)
    #expect(tuned.segmentSeconds == nil)
    let hybrid = try bag("models: ['75fc33f5']\nsegment: 44\n")
    #expect(hybrid.models == ["75fc33f5"])
    #expect(hybrid.weights == nil)
    #expect(hybrid.segmentSeconds == 44)
  }

  @Test(arguments: [
    // As PyYAML dumps it.
    """
    models:
    - f7e0c4bc
    - d12395a8
    - 92cfc3b6
    - 04573f0d
    segment: null
    weights:
    - - 1.0
      - 0.0
      - 0.0
      - 0.0
    - - 0.0
      - 1.0
      - 0.0
      - 0.0
    - [0.0, 0.0, 1.0, 0.0]
    - - 0.0
      - 0.0
      - 0.0
      - 1.0
    """,
    // With everything else that is allowed.
    """
    --- # bag
    # comment

    models:  # the four
        - "f7e0c4bc"   # drums
        -   d12395a8

        - '92cfc3b6'
        -
          04573f0d
    weights:
      [[+1e0,0,0,-0.],   # drums
       [ 0, 1, 0, 0 ]
       , [0,0,.1e1,0],
      [0,0,0,1]
    ]
    segment:
    """,
  ])
  func theSameBagMayBeWrittenInManyWays(_ text: String) throws {
    for text in [text, text.replacing("\n", with: "\r\n"), text + "\n\n# end"] {
      let expected = try bag(Self.fineTuned)
      let read = try bag(text)
      #expect(read.models == expected.models)
      #expect(read.weights == expected.weights)
      #expect(read.segmentSeconds == nil)
    }
  }

  @Test(arguments: [
    ("", 1), ("\n\n", 1), ("segment: 44", 1), ("models: []", 1), ("models: a", 1),
    ("models: null", 1), ("models: [[a]]", 1), ("models: [a", 1), ("models: [a b]", 1),
    ("models: [a,,b]", 1), ("models: [a]]", 1), ("models: ['a]", 1), ("models: ['']", 1),
    ("models: ['../a']", 1), ("models: [../a]", 1), ("models: [12345678]", 1),
    ("models: [1e5]", 1), ("models: [null]", 1), ("models:[a]", 1), ("models: [a]\nmodels: [a]", 2),
    ("models: [a]\nlicence: b", 2), ("models: [a]\n segment: 4", 2), ("models [a]", 1),
    ("? models", 1), ("models: {a: b}", 1), ("models: &x [a]", 1), ("models: [*x]", 1),
    ("models: !!python/object:os.system [a]", 1), ("models: |\n  a", 1), ("models:\n- a\n - b", 3),
    ("models:\n- a\n-", 3), ("models:\n-\n- a", 3), ("models:\n  - a\n- b", 3),
    ("models:\n\t- a", 2), ("models: [a]\n...\nmodels: [b]", 2), ("models: [a] b", 1),
    ("models: [a]#x", 1), ("models: [\"a\\x\"]", 1), ("models: [größe]", 1), ("\u{0}", 1),
    ("models: [a]\nsegment: x", 2), ("models: [a]\nsegment: 0", 2), ("models: [a]\nsegment: -1", 2),
    ("models: [a]\nsegment: 044", 2), ("models: [a]\nsegment: 0x10", 2),
    ("models: [a]\nsegment: 1e999", 2), ("models: [a]\nsegment: .inf", 2),
    ("models: [a]\nsegment: nan", 2), ("models: [a]\nsegment: '44'", 2),
    ("models: [a]\nsegment: [44]", 2), ("models: [a]\nsegment: 1_0", 2),
    ("models: [a]\nweights: 1", 2), ("models: [a]\nweights: [1]", 2),
    ("models: [a]\nweights: [[1], [1]]", 2), ("models: [a]\nweights: [[]]", 2),
    ("models: [a, b]\nweights: [[1, 1],\n [1]]", 3), ("models: [a]\nweights: [[0]]", 2),
    ("models: [a]\nweights: [[x]]", 2), ("models: [[[[[[[[[[a]]]]]]]]]]", 1),
    ("models:\n- - - - - - - a", 2),
  ])
  func aBagThatMakesNoSenseIsRefusedWithItsLine(_ text: String, _ line: Int) {
    let error = #expect(throws: SeparationError.self) { try bag(text) }
    #expect(error?.code == .malformed)
    #expect(
      error?.message.hasPrefix("bag.yaml, line \(line): ") == true, "\(error?.message ?? "")")
  }

  @Test func aBagThatIsTooLongIsRefused() {
    let error = #expect(throws: SeparationError.self) {
      try bag("models: [a]\n" + String(repeating: "#", count: 1 << 16))
    }
    #expect(error?.code == .limit)
    #expect(throws: SeparationError.self) { try bag(String(repeating: "[", count: 60_000)) }
  }
}
