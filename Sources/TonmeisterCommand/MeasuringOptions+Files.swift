// SPDX-License-Identifier: MIT
import Tonmeister

extension MeasuringOptions {
  /// Measures files one after the other; one that cannot be measured is told of and left out.
  ///
  /// - Parameters:
  ///   - warnings: What was odd about a file.
  ///   - measure: Measures a file and reports how far it has come.
  func measure<Measurement>(
    _ files: [String], console: Console, warnings: (Measurement) -> [String],
    by measure: (_ file: String, _ report: (MixdownProgress) -> Void) throws(MixdownError) ->
      Measurement
  ) throws(CommandError) -> [Measurement] {
    var display = ProgressDisplay(try progress?.value(of: "--progress"), console: console)
    var measurements: [Measurement] = []
    for file in files {
      let result: Result<Measurement, MixdownError>
      do throws(MixdownError) {
        result = .success(try measure(file) { display.show($0, file: file) })
      } catch { result = .failure(error) }
      display.clear()
      switch result {
      case .success(let measurement):
        for warning in warnings(measurement) { console.warning(warning) }
        measurements.append(measurement)
      case .failure(let error): console.error(error.message)
      }
    }
    return measurements
  }
}
