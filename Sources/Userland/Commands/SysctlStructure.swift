// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// The structures that sysctl(8) knows (`S_clockinfo` and its kin of sysctl.c), as amd64 lays them
/// out.
enum SysctlStructure {
  /// What is shown of a structure with this format; nil for one it does not know.
  static func text(_ bytes: [UInt8], _ format: String) -> String? {
    switch format {
    case "S,clockinfo": clockInfo(bytes)
    case "S,timeval": time(bytes)
    case "S,loadavg": loadAverage(bytes)
    case "S,vmtotal": memory(bytes)
    default: nil
    }
  }

  private static func clockInfo(_ bytes: [UInt8]) -> String {
    let values = [0, 4, 16, 12].map { number(bytes, $0, 4) }
    return "{ hz = \(values[0]), tick = \(values[1]), profhz = \(values[2]), "
      + "stathz = \(values[3]) }"
  }

  private static func time(_ bytes: [UInt8]) -> String {
    let (seconds, rest) = (number(bytes, 0, 8), number(bytes, 8, 8))
    let date = CalendarTime(seconds: UInt64(max(seconds, 0))).text
    return "{ sec = \(seconds), usec = \(rest) } \(date)"
  }

  private static func loadAverage(_ bytes: [UInt8]) -> String {
    let scale = Double(max(number(bytes, 16, 8), 1))
    let loads = [0, 4, 8].map { (Double(number(bytes, $0, 4)) / scale).fixed(2) }
    return "{ " + loads.joined(separator: " ") + " }"
  }

  /// Counts of processes, then pages in kilobytes.
  private static func memory(_ bytes: [UInt8]) -> String {
    let processes = [0, 2, 4, 6].map { number(bytes, $0, 2) }
    let sizes = stride(from: 12, to: 48, by: 4).map { "\(number(bytes, $0, 4) * 4)K" }
    return """

      System wide totals computed every five seconds: (values in kilobytes)
      ===============================================
      Processes:\t\t(RUNQ: \(processes[0]) Disk Wait: \(processes[1]) \
      Page Wait: \(processes[2]) Sleep: \(processes[3]))
      Virtual Memory:\t\t(Total: \(sizes[0]), Active \(sizes[1]))
      Real Memory:\t\t(Total: \(sizes[2]) Active \(sizes[3]))
      Shared Virtual Memory:\t(Total: \(sizes[4]) Active: \(sizes[5]))
      Shared Real Memory:\t(Total: \(sizes[6]) Active: \(sizes[7]))
      Free Memory Pages:\t\(sizes[8])

      """
  }

  /// A signed number as it lies in memory, lowest byte first; 0 where there are not so many bytes.
  private static func number(_ bytes: [UInt8], _ place: Int, _ size: Int) -> Int64 {
    guard place + size <= bytes.count else { return 0 }
    let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    let unused = UInt64(64 - 8 * size)
    return Int64(bitPattern: bits << unused) >> Int64(unused)
  }
}
