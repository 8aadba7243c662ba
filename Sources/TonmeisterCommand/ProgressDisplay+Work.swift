// SPDX-License-Identifier: MIT
import Tonmeister

extension ProgressDisplay {
  /// Does some work and shows how far it is; of several states that come at once, the last.
  ///
  /// - Parameters:
  ///   - show: Shows a state.
  ///   - work: Is given what to tell states to, by any thread.
  static func show<State: Sendable, Value>(
    _ choice: TellingOptions.Progress?, console: Console,
    by show: @escaping @Sendable (inout ProgressDisplay, State) -> Void,
    during work: (_ report: @escaping @Sendable (State) -> Void) async throws -> Value
  ) async throws -> Value {
    let (states, continuation) = AsyncStream.makeStream(
      of: State.self, bufferingPolicy: .bufferingNewest(1))
    let shown = Task {
      var display = ProgressDisplay(choice, console: console)
      for await state in states { show(&display, state) }
      display.clear()
    }
    let result: Result<Value, any Error>
    do { result = .success(try await work { continuation.yield($0) }) } catch {
      result = .failure(error)
    }
    continuation.finish()
    await shown.value
    return try result.get()
  }
}
