// SPDX-License-Identifier: MIT

/// What a listener likes of a quantity, and how sure that is.
public struct Preference: Sendable, Equatable {
  /// The change of what is proposed: dB, or places; within the limit of the quantity.
  public var change: Double
  /// The standard deviation of the taste around it.
  public var standardDeviation: Double
  /// The songs that it was learned from.
  public var songCount: Int
}

/// Learns what a listener changes about proposed plans, stem by stem.
///
/// The residual of a quantity, kept less proposed, is a constant of the listener, plus what a genre
/// adds, plus what tempo, level, brightness and flux add, plus noise; all of it may drift. How
/// large these parts are is not known beforehand: ``TasteHypothesis`` lists what may be, each
/// hypothesis is fitted by ``ResidualFilter`` and counts by the probability that it gives to the
/// edits (Bayesian model averaging, Hoeting et al. 1999). One hypothesis is that there is no taste,
/// so that edits without one change little. How edits scatter and drift is taken to be the same in
/// all stems.
///
/// Below three songs the change is 0. Only the last 200 edits count, and in them the 32 names of
/// stems that came in the most of them.
///
/// - Complexity: O(edits · stems) to make, with 240 small matrices for each name and quantity.
public struct ResidualLearner: Sendable {
  /// The songs with a stem that have to be seen before anything is changed.
  public static let minimumSongCount = 3
  /// Edits before the last of that many are not looked at.
  public static let maximumSongCount = 200
  /// No more names of stems are learned from, those of the most edits: each takes 240 regressions for each quantity, and
  /// who sends edits to a service chooses the names.
  public static let maximumStemCount = 32
  /// No residual counts for more, in dB.
  private static let largestResidual = 12.0

  /// A hypothesis that matters, and what follows from it.
  private struct Share: Sendable {
    var weight: Double
    var filter: ResidualFilter
  }

  /// What was learned of a quantity of a stem.
  private struct Taste: Sendable {
    var stem: String
    var quantity: TasteQuantity
    var songCount: Int
    var shares: [Share]
  }

  private var tastes: [Taste] = []
  /// The stems that were edited and count, in the order in which they came.
  public private(set) var stems: [String] = []

  /// Learns from edits, from the oldest.
  public init(_ edits: [MixEdit]) {
    let edits = edits.suffix(Self.maximumSongCount)
    stems = Self.stems(of: edits)
    for quantity in TasteQuantity.allCases { fit(quantity, edits) }
  }

  /// A name and the edits that it is in.
  private struct Use {
    var name: String
    /// What it is sorted by.
    var bytes: [UInt8]
    var editCount = 1
    var firstPlace: Int
    var lastEdit: Int
  }

  /// The names that are learned from, in the order in which they came: those of the most edits, then the latest.
  private static func stems(of edits: ArraySlice<MixEdit>) -> [String] {
    var places: [Use] = []
    for (index, edit) in edits.enumerated() {
      for stem in edit.stems {
        places.append(
          Use(
            name: stem.name, bytes: Array(stem.name.utf8), firstPlace: places.count,
            lastEdit: index))
      }
    }
    places.sort {
      $0.bytes == $1.bytes
        ? $0.firstPlace < $1.firstPlace : $0.bytes.lexicographicallyPrecedes($1.bytes)
    }
    var uses: [Use] = []
    for place in places {
      if let last = uses.last, last.bytes == place.bytes {
        if last.lastEdit != place.lastEdit { uses[uses.count - 1].editCount += 1 }
        uses[uses.count - 1].lastEdit = place.lastEdit
      } else {
        uses.append(place)
      }
    }
    uses.sort {
      if $0.editCount != $1.editCount { return $0.editCount > $1.editCount }
      return $0.lastEdit == $1.lastEdit ? $0.firstPlace < $1.firstPlace : $0.lastEdit > $1.lastEdit
    }
    return uses.prefix(maximumStemCount).sorted { $0.firstPlace < $1.firstPlace }.map { $0.name }
  }

  private mutating func fit(_ quantity: TasteQuantity, _ edits: ArraySlice<MixEdit>) {
    var fits: [(stem: String, songCount: Int, filters: [ResidualFilter])] = []
    for name in stems {
      var observations: [(residual: Double, inputs: [Double])] = []
      for edit in edits {
        // Two guitars of a song are one observation of what is liked of guitars: the mean of both.
        let residuals = edit.stems.filter { $0.name.isSame(as: name) }
          .compactMap { $0[quantity]?.residual }
        guard !residuals.isEmpty else { continue }
        let residual = residuals.reduce(0, +) / Double(residuals.count)
        let limit = Self.largestResidual
        observations.append(
          (
            min(max(residual / quantity.scale, -limit), limit),
            ResidualFilter.inputs(edit.features)
          ))
      }
      // What was never changed needs no regression.
      guard observations.count >= Self.minimumSongCount,
        observations.contains(where: { $0.residual != 0 })
      else { continue }
      fits.append((name, observations.count, Self.filters(observations)))
    }
    for index in fits.indices {
      tastes.append(
        Taste(
          stem: fits[index].stem, quantity: quantity, songCount: fits[index].songCount,
          shares: Self.shares(of: index, among: fits.map { $0.filters })))
    }
  }

  /// A filter for each hypothesis: (noises, memories, spreads).
  private static func filters(
    _ observations: [(residual: Double, inputs: [Double])]
  ) -> [ResidualFilter] {
    var filters: [ResidualFilter] = []
    for noise in TasteHypothesis.noises {
      for memory in TasteHypothesis.memories {
        for spread in TasteHypothesis.spreads {
          var filter = ResidualFilter(
            TasteHypothesis(noise: noise, memory: memory, spread: spread))
          for observation in observations {
            filter.observe(observation.residual, observation.inputs)
          }
          filters.append(filter)
        }
      }
    }
    return filters
  }

  /// The weights of the hypotheses for one stem: the evidence of its own edits, times that of the
  /// other stems for noise and memory, over all spreads that these may have.
  private static func shares(of stem: Int, among fits: [[ResidualFilter]]) -> [Share] {
    let spreadCount = TasteHypothesis.spreads.count
    var logWeights = fits[stem].map { $0.logEvidence }
    for (index, filters) in fits.enumerated() where index != stem {
      for start in stride(from: 0, to: filters.count, by: spreadCount) {
        let evidence = logMeanExp(filters[start..<start + spreadCount].map { $0.logEvidence })
        for offset in 0..<spreadCount { logWeights[start + offset] += evidence }
      }
    }
    let total = logMeanExp(logWeights) + Elementary.log(Double(logWeights.count))
    var shares: [Share] = []
    for (index, logWeight) in logWeights.enumerated() {
      let weight = Elementary.exp(logWeight - total)
      if weight > 1e-4 { shares.append(Share(weight: weight, filter: fits[stem][index])) }
    }
    let sum = shares.reduce(0) { $0 + $1.weight }
    for index in shares.indices { shares[index].weight /= sum }
    return shares
  }

  private static func logMeanExp(_ values: [Double]) -> Double {
    var largest = -Double.infinity
    for value in values { largest = max(largest, value) }
    var sum = 0.0
    for value in values { sum += Elementary.exp(value - largest) }
    return largest + Elementary.log(sum / Double(values.count))
  }

  /// The taste in a quantity of a stem in a song; nil where fewer than three songs had it, or it
  /// was never changed.
  ///
  /// - Parameter features: The song; nil for songs of which nothing is known.
  public func preference(
    _ quantity: TasteQuantity, of stem: String, in features: SongFeatures?
  ) -> Preference? {
    guard
      let taste = tastes.first(where: { $0.quantity == quantity && $0.stem.isSame(as: stem) })
    else { return nil }
    let inputs = ResidualFilter.inputs(features)
    var (mean, square) = (0.0, 0.0)
    for share in taste.shares {
      let prediction = share.filter.predict(inputs)
      mean += share.weight * prediction.mean
      square += share.weight * (prediction.variance + prediction.mean * prediction.mean)
    }
    let change = mean * quantity.scale
    return Preference(
      change: min(max(change, -quantity.limit), quantity.limit),
      standardDeviation: max(0, square - mean * mean).squareRoot() * quantity.scale,
      songCount: taste.songCount)
  }
}
