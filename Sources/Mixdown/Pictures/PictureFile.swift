// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// A picture on its way into a file: SVG as it is, PNG through `ffmpeg`.
public enum PictureFile {
  /// The formats, as endings of names.
  public static let endings = ["svg", "png"]

  /// Writes a picture in the format that the ending of its path asks for; the file appears when it is complete.
  ///
  /// - Parameters:
  ///   - svg: The text of an SVG file.
  ///   - path: A name that ends in one of `endings`.
  /// - Throws: ``MixdownError`` with the code `invalidOption` for another ending, else `output`.
  public static func write(_ svg: String, to path: String) throws(MixdownError) {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "svg": try write(Data(svg.utf8), to: path)
    case "png": try write(png(svg, path), to: path)
    default:
      throw MixdownError(
        code: .invalidOption,
        message: "\(path): pictures are SVG or PNG; choose a name that ends in .svg or .png.")
    }
  }

  private static func write(_ data: Data, to path: String) throws(MixdownError) {
    do {
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw MixdownError(
        code: .output,
        message: "\(path): the picture cannot be written; check the folder and its permissions.")
    }
  }

  private static func png(_ svg: String, _ path: String) throws(MixdownError) -> Data {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (source, target) = (folder.appending(path: "a.svg"), folder.appending(path: "a.png"))
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    } catch {
      throw MixdownError(
        code: .output, message: "\(folder.path): there is no room for temporary files.")
    }
    try write(Data(svg.utf8), to: source.path)
    do throws(AudioError) {
      try FFmpegRun.run(
        [
          "-protocol_whitelist", "file", "-i", source.path, "-frames:v", "1", "-f", "image2",
          "-c:v", "png", target.path,
        ], path: path, purpose: "a PNG picture", isCancelled: { false })
    } catch { throw .output(error) }
    guard let data = try? Data(contentsOf: target) else {
      throw MixdownError(
        code: .output,
        message: "\(path): this ffmpeg does not draw SVG; name a file that ends in .svg.")
    }
    return data
  }
}
