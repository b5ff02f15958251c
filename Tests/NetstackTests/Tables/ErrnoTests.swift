// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

@Suite("errno") struct ErrnoTests {
  @Test(arguments: [
    (Errno.EPERM, 1, "EPERM", "Operation not permitted"),
    (.ENXIO, 6, "ENXIO", "Device not configured"),
    (.EEXIST, 17, "EEXIST", "File exists"),
    (.EAGAIN, 35, "EAGAIN", "Resource temporarily unavailable"),
    (.EADDRNOTAVAIL, 49, "EADDRNOTAVAIL", "Can't assign requested address"),
    (.ENETUNREACH, 51, "ENETUNREACH", "Network is unreachable"),
    (.ENOBUFS, 55, "ENOBUFS", "No buffer space available"),
    (.EHOSTUNREACH, 65, "EHOSTUNREACH", "No route to host"),
    (.EPROTO, 92, "EPROTO", "Protocol error"),
  ]) func hasFreeBSDsNumberNameAndText(
    _ errno: Errno, _ number: Int32, _ name: String, _ message: String
  ) {
    #expect(errno.rawValue == number)
    #expect(errno.name == name)
    #expect(errno.message == message)
  }

  @Test(arguments: [
    (Int32(0), "Undefined error: 0"), (93, "Unknown error: 93"), (-1, "Unknown error: -1"),
    (Int32.min, "Unknown error: -2147483648"),
  ]) func namesNoUnknownNumber(_ number: Int32, _ message: String) {
    #expect(Errno(rawValue: number).message == message)
    #expect(Errno(rawValue: number).name == String(number))
  }
}
