// SPDX-License-Identifier: MIT
// What a listener likes, as JavaScript calls it: one listener for each instance of the module.

nonisolated(unsafe) private var listener = Listener(name: "me")

/// Reads a listener's document, or what a page keeps: 0, or minus the length of a message.
///
/// - Parameter user: Whose data to take, where there is that of several; empty for the only one.
@_expose(wasm, "listener_open")
func listenerOpen(
  _ document: UnsafePointer<UInt8>, _ count: UInt32, _ user: UnsafePointer<UInt8>,
  _ userCount: UInt32
) -> Int32 {
  let name = String(decoding: bytes(user, userCount), as: UTF8.self)
  do throws(MixPlanError) {
    listener = try Listener(utf8: bytes(document, count), user: userCount == 0 ? nil : name)
    return 0
  } catch { return fail(error.description) }
}

/// Begins with a listener of whom nothing is known: 0, or minus the length of a message.
@_expose(wasm, "listener_begin")
func listenerBegin(_ name: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  let name = String(decoding: bytes(name, count), as: UTF8.self)
  guard Listener.isName(name) else { return fail("this cannot be the name of a listener") }
  listener = Listener(name: name)
  return 0
}

/// The listener's document at `message`.
@_expose(wasm, "listener_text")
func listenerText() -> Int32 { answer(listener.text) }

/// Learns from an object with `proposed` and `kept`, which are plans, and perhaps `title` and `features`:
/// 0, or minus the length of a message.
@_expose(wasm, "listener_learn")
func listenerLearn(_ document: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    let json = try JSONParser.parse(bytes(document, count))
    let proposed = try MixPlan(json: json.required("proposed", ""))
    let kept = try MixPlan(json: json.required("kept", ""))
    let title = try json["title"]?.text("title") ?? ""
    listener.learn(
      MixEdit(proposed: proposed, kept: kept, title: title, features: try features(of: json)))
    return 0
  } catch { return fail(error.description) }
}

/// The plan of an object with `plan` and perhaps `features`, as the listener likes it, at `message`.
@_expose(wasm, "listener_advise")
func listenerAdvise(_ document: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    let json = try JSONParser.parse(bytes(document, count))
    let plan = try MixPlan(json: json.required("plan", ""))
    return answer(listener.advise(plan, for: try features(of: json)).text)
  } catch { return fail(error.description) }
}

/// Chooses how edits are learned from: 0 by residuals, 1 by the network.
@_expose(wasm, "listener_choose")
func listenerChoose(_ learner: UInt32) { listener.choose(learner == 0 ? .residual : .network) }

/// Trains the network over all saved songs: 10 epochs.
@_expose(wasm, "listener_retrain")
func listenerRetrain() { listener.retrainNetwork() }

/// Forgets the song of a title: 1 where there was one, otherwise 0.
@_expose(wasm, "listener_forget")
func listenerForget(_ title: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  listener.forget(title: String(decoding: bytes(title, count), as: UTF8.self)) ? 1 : 0
}

/// What the residual learner has found, at `message`.
///
/// A list of objects with `stem`, `quantity`, `change`, `deviation` and `songs`. The argument is an object
/// that may have `features`.
@_expose(wasm, "listener_tastes")
func listenerTastes(_ document: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    let song = try features(of: JSONParser.parse(bytes(document, count)))
    let learner = ResidualLearner(listener.edits)
    var tastes: [JSONValue] = []
    for stem in learner.stems {
      for quantity in TasteQuantity.allCases {
        guard let taste = learner.preference(quantity, of: stem, in: song) else { continue }
        tastes.append(
          .object([
            JSONMember("stem", .string(stem)),
            JSONMember("quantity", .string(quantity.key)),
            JSONMember("change", .number(taste.change)),
            JSONMember("deviation", .number(taste.standardDeviation)),
            JSONMember("songs", .number(Double(taste.songCount))),
          ]))
      }
    }
    return answer(JSONValue.array(tastes).text)
  } catch { return fail(error.description) }
}

/// The faders that the network predicts for an object with `features`, at `message`: an object by stem, or
/// `null` where there is no network.
@_expose(wasm, "listener_faders")
func listenerFaders(_ document: UnsafePointer<UInt8>, _ count: UInt32) -> Int32 {
  do throws(MixPlanError) {
    guard let song = try features(of: JSONParser.parse(bytes(document, count))),
      let network = listener.network
    else { return answer("null") }
    let gains = network.gains(for: song).values
    let members = StemGains.stems.indices.map {
      JSONMember(StemGains.stems[$0], .number(gains[$0]))
    }
    return answer(JSONValue.object(members).text)
  } catch { return fail(error.description) }
}

private func features(of json: JSONValue) throws(MixPlanError) -> SongFeatures? {
  guard let value = json["features"] else { return nil }
  return try SongFeatures(json: value, path: "features")
}
