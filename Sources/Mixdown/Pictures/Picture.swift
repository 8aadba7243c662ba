// SPDX-License-Identifier: MIT
import Foundation

/// A drawing in SVG 1.1: panels with axes, one above the other.
package struct Picture {
  static let width = 900.0
  private static let panelHeight = 200.0
  private static let (left, right, gap) = (64.0, 20.0, 56.0)

  /// One panel with linear axes; values are brought to them by whoever draws.
  package struct Panel {
    package var title: String
    package var horizontal: ClosedRange<Double>
    package var vertical: ClosedRange<Double>
    /// The marks of the axes: where, and what is written there.
    package var horizontalMarks: [(Double, String)]
    package var verticalMarks: [(Double, String)]
    package var lines: [Line] = []
    package var legend: [(text: String, colour: String)] = []

    package init(
      title: String, horizontal: ClosedRange<Double>, vertical: ClosedRange<Double>,
      horizontalMarks: [(Double, String)], verticalMarks: [(Double, String)], lines: [Line] = []
    ) {
      self.title = title
      self.horizontal = horizontal
      self.vertical = vertical
      self.horizontalMarks = horizontalMarks
      self.verticalMarks = verticalMarks
      self.lines = lines
    }
  }

  /// Points joined in their order, or filled in between.
  package struct Line {
    package var points: [(Double, Double)]
    package var colour: String
    package var isFilled = false

    package init(points: [(Double, Double)], colour: String, isFilled: Bool = false) {
      self.points = points
      self.colour = colour
      self.isFilled = isFilled
    }
  }

  package static let colours = ["#0072b2", "#d55e00"]

  package var title: String
  package var panels: [Panel]
  /// Lines of a table below the panels, of four columns.
  package var rows: [[String]] = []
  private static let columns = [0.0, 380, 520, 660]
  private static let rowHeight = 18.0

  package init(title: String, panels: [Panel], rows: [[String]] = []) {
    self.title = title
    self.panels = panels
    self.rows = rows
  }

  /// The drawing as a file.
  package var svg: String {
    let tableTop = 48 + Double(panels.count) * (Self.panelHeight + Self.gap)
    let height = tableTop + (rows.isEmpty ? 0 : Self.rowHeight * Double(rows.count + 1))
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(Self.width))" \
      height="\(Self.number(height))" \
      viewBox="0 0 \(Self.number(Self.width)) \(Self.number(height))" \
      font-family="sans-serif" font-size="12" fill="#222">
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(Self.number(Self.left))" y="24" font-size="15">\(Self.escaped(title))</text>

      """
    for (index, panel) in panels.enumerated() {
      text += draw(panel, top: 60 + Double(index) * (Self.panelHeight + Self.gap))
    }
    for (index, row) in rows.enumerated() {
      let y = Self.number(tableTop + Self.rowHeight * (Double(index) + 0.7))
      for (column, cell) in zip(Self.columns, row) {
        text += "<text x=\"\(Self.number(Self.left + column))\" y=\"\(y)\">"
        text += "\(Self.escaped(cell))</text>\n"
      }
    }
    return text + "</svg>\n"
  }

  private func draw(_ panel: Panel, top: Double) -> String {
    let width = Self.width - Self.left - Self.right
    func x(_ value: Double) -> String {
      let range = panel.horizontal
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return Self.number(Self.left + width * min(max(share, 0), 1))
    }
    func y(_ value: Double) -> String {
      let range = panel.vertical
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return Self.number(top + Self.panelHeight * (1 - min(max(share, 0), 1)))
    }
    let (x0, x1) = (x(panel.horizontal.lowerBound), x(panel.horizontal.upperBound))
    let (y0, y1) = (y(panel.vertical.lowerBound), y(panel.vertical.upperBound))
    var text = "<text x=\"\(x0)\" y=\"\(Self.number(top - 8))\">"
    text += "\(Self.escaped(panel.title))</text>\n"
    for (value, label) in panel.verticalMarks {
      text += "<path d=\"M\(x0) \(y(value))H\(x1)\" stroke=\"#ddd\"/>"
      text += "<text x=\"\(Self.number(Self.left - 6))\" y=\"\(y(value))\" dy=\"4\" "
      text += "text-anchor=\"end\">\(Self.escaped(label))</text>\n"
    }
    for (value, label) in panel.horizontalMarks {
      text += "<path d=\"M\(x(value)) \(y0)V\(y1)\" stroke=\"#ddd\"/>"
      text += "<text x=\"\(x(value))\" y=\"\(Self.number(top + Self.panelHeight + 16))\" "
      text += "text-anchor=\"middle\">\(Self.escaped(label))</text>\n"
    }
    for line in panel.lines where line.points.count > 1 {
      let points = line.points.map { "\(x($0.0)),\(y($0.1))" }.joined(separator: " ")
      text +=
        line.isFilled
        ? "<polygon fill=\"\(line.colour)\" points=\"\(points)\"/>\n"
        : "<polyline fill=\"none\" stroke=\"\(line.colour)\" stroke-width=\"1.5\" "
          + "points=\"\(points)\"/>\n"
    }
    for (index, entry) in panel.legend.enumerated() {
      text += "<text x=\"\(Self.number(Self.width - Self.right - 8))\" "
      text += "y=\"\(Self.number(top + 18 + 16 * Double(index)))\" text-anchor=\"end\" "
      text += "fill=\"\(entry.colour)\">\(Self.escaped(entry.text))</text>\n"
    }
    text += "<path d=\"M\(x0) \(y0)H\(x1)V\(y1)H\(x0)Z\" fill=\"none\" stroke=\"#888\"/>\n"
    return text
  }

  private static func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        // Control characters may not stand in XML 1.0.
        if scalar.properties.generalCategory == .control {
          result += " "
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
