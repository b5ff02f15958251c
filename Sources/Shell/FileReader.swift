// SPDX-License-Identifier: BSD-2-Clause

/// An open file that is read piece by piece, so that its size does not matter.
package final class FileReader {
  /// How many bytes the file has, where that is known: a pipe has none.
  package let size: Int?
  /// How many bytes were read.
  package private(set) var position = 0

  private let next: () throws(HostError) -> [UInt8]
  private let end: () -> Void

  /// Makes a reader from a closure that gives the next bytes, as many as it likes and none at the
  /// end, and one that closes the file.
  package init(
    size: Int?, next: @escaping () throws(HostError) -> [UInt8], close end: @escaping () -> Void
  ) {
    self.size = size
    self.next = next
    self.end = end
  }

  /// Makes a reader of bytes that are in memory.
  package convenience init(bytes: [UInt8]) {
    var rest = bytes
    self.init(size: bytes.count) { () throws(HostError) -> [UInt8] in
      defer { rest = [] }
      return rest
    } close: {
    }
  }

  deinit { end() }

  /// The next bytes, or none at the end.
  package func read() throws(HostError) -> [UInt8] {
    let bytes = try next()
    position += bytes.count
    return bytes
  }
}

extension Output {
  /// Shows at a terminal how far a file has been read, and what that came to.
  package func showProgress(_ file: FileReader, _ text: @autoclosure () -> String) {
    guard let progress else { return }
    guard let size = file.size, size > 0 else { return progress(text()) }
    let width = 30
    let share = min(file.position, size)
    let filled = share * width / size
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    progress("[\(bar)] \((share * 100 / size).padLeft(to: 3))%  \(text())")
  }
}
