// SPDX-License-Identifier: MIT

extension Listener {
  /// The plan as this listener likes it, with a `because` line for every change.
  ///
  /// - Parameters:
  ///   - plan: What the automatic mix proposes.
  ///   - features: The song; without, the network says nothing.
  ///   - role: What a track of that name is.
  public func advise(
    _ plan: MixPlan, for features: SongFeatures? = nil, role: (String) -> String = { $0 }
  ) -> MixPlan {
    switch learner {
    case .residual: adviseResiduals(plan, features, role)
    case .network: adviseNetwork(plan, features, role)
    }
  }

  private func adviseResiduals(
    _ plan: MixPlan, _ features: SongFeatures?, _ role: (String) -> String
  ) -> MixPlan {
    var plan = plan
    let learner = ResidualLearner(edits)
    let hasReverb = plan.reverb != nil
    for index in plan.tracks.indices {
      let stem = role(plan.tracks[index].name)
      for quantity in TasteQuantity.allCases where quantity != .reverbSend || hasReverb {
        guard let preference = learner.preference(quantity, of: stem, in: features) else {
          continue
        }
        let change = quantity.rounded(preference.change)
        guard abs(change) >= quantity.smallest else { continue }
        let songs = preference.songCount == 1 ? "song" : "songs"
        let reason =
          "you like \(quantity.words(stem, change)), from \(preference.songCount) \(songs)"
        quantity.apply(change, to: &plan.tracks[index], because: reason)
      }
    }
    return plan
  }

  private func adviseNetwork(
    _ plan: MixPlan, _ features: SongFeatures?, _ role: (String) -> String
  ) -> MixPlan {
    guard let features, let network else { return plan }
    var plan = plan
    let gains = network.gains(for: features).values
    let source = "from \(songs.count) \(songs.count == 1 ? "song" : "songs")"
    for index in plan.tracks.indices {
      let stem = role(plan.tracks[index].name)
      guard let output = StemGains.stems.firstIndex(where: { $0.isSame(as: stem) }) else {
        continue
      }
      let gain = TasteQuantity.gain.rounded(gains[output])
      plan.tracks[index].gainDB = gain
      plan.tracks[index].because["gain"] =
        "your network puts \(stem) at \(gain.description) dB, \(source)"
    }
    return plan
  }
}

extension TasteQuantity {
  /// Changes a track by as much, as far as its ranges go.
  func apply(_ change: Double, to track: inout Track, because reason: String) {
    func say(_ key: String, _ reasons: inout Reasons) {
      if let old = reasons[key] {
        reasons[key] = "\(old); \(reason)"
      } else {
        reasons[key] = reason
      }
    }
    switch self {
    case .gain:
      track.gainDB = Track.gain.clamp(track.gainDB + change)
      say("gain", &track.because)
    case .pan:
      track.pan = Track.pan.clamp(track.pan + change)
      say("pan", &track.because)
    case .tilt:
      var bands = SpectralTilt.bands(tiltDB: change)
      guard track.equalizer.count + bands.count <= 16 else { return }
      for index in bands.indices { say("gain", &bands[index].because) }
      track.equalizer += bands
    case .reverbSend:
      // A track that sends nothing begins to only for a large taste.
      guard track.reverbSendDB != nil || change >= 3 else { return }
      track.reverbSendDB = Track.reverbSend.clamp(value(in: track) + change)
      say("reverbSend", &track.because)
    }
  }
}
