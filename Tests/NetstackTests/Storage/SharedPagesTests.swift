// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

@Suite("pages that copies share") struct SharedPagesTests {
  /// A table and two snapshots of it, all written at random; arrays say what each must have.
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func copiesGoTheirOwnWays(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var first = SharedPages<UInt64>()
    var plain: [UInt64] = []
    fill(&first, &plain, &random, operations: 6000)
    var second = first.clone()
    var plainSecond = plain
    fill(&second, &plainSecond, &random, operations: 500)
    var third = second.clone()
    var plainThird = plainSecond
    fill(&first, &plain, &random, operations: 500)
    fill(&third, &plainThird, &random, operations: 500)
    check(first, plain)
    check(second, plainSecond)
    check(third, plainThird)
    first.removeAll()
    check(first, [])
    check(third, plainThird)
  }

  private func fill(
    _ pages: inout SharedPages<UInt64>, _ plain: inout [UInt64], _ random: inout RandomSource,
    operations: Int
  ) {
    for _ in 0..<operations {
      let value = random.next()
      switch random.next() % 8 {
      case 0:
        let last = pages.popLast()
        #expect(last == plain.popLast())
      case 1 where !plain.isEmpty:
        let place = Int(value % UInt64(plain.count))
        pages[place] = value
        plain[place] = value
      case 2 where !plain.isEmpty:
        let place = Int(value % UInt64(plain.count))
        pages[place] &+= 1
        plain[place] &+= 1
      default:
        pages.append(value)
        plain.append(value)
      }
    }
  }

  private func check(_ pages: borrowing SharedPages<UInt64>, _ plain: [UInt64]) {
    #expect(pages.count == plain.count)
    var differences = 0
    for place in plain.indices where pages[place] != plain[place] { differences += 1 }
    #expect(differences == 0)
  }

  @Test func numbersThatWereNeverWrittenAreZeroAndTakeNoMemory() {
    var pages = SharedPages<UInt64>()
    pages.set(7, at: 10_000_000)
    pages.set(0, at: 20_000_000)
    pages.set(8, at: 3)
    let copy = pages.clone()
    pages.set(9, at: 5_000_000)
    let places = [0, 3, 4, 4095, 4096, 5_000_000, 9_999_999, 10_000_000, 10_000_001, 30_000_000]
    #expect(places.map { pages.value(at: $0) } == [0, 8, 0, 0, 0, 9, 0, 7, 0, 0])
    #expect(places.map { copy.value(at: $0) } == [0, 8, 0, 0, 0, 0, 0, 7, 0, 0])
    #expect(pages.count == 10_000_001 && pages.bytes < 200_000)
  }

  @Test func pagesThatSayTheSameAreOneUntilOneIsWritten() {
    let size = SharedPages<UInt32>.pageSize
    var pages = SharedPages<UInt32>()
    pages.grow(to: 4 * size)
    for place in size..<2 * size { pages[place] = 7 }
    pages.sharePage(of: 2 * size, with: size)
    pages.sharePage(of: 3 * size + 5, with: 2 * size)
    pages[2 * size + 1] = 8
    let copy = pages.clone()
    pages.forgetPage(of: size)
    pages.forgetPage(of: 0)
    let places = [0, size, 2 * size, 2 * size + 1, 3 * size + 1]
    #expect(places.map { pages.value(at: $0) } == [0, 0, 7, 8, 7])
    #expect(places.map { copy.value(at: $0) } == [0, 7, 7, 8, 7])
    #expect(places.map { pages.hasPage(of: $0) } == [false, false, true, true, true])
  }

  @Test func theFirstPageGrowsAndStaysWhatItWas() {
    var pages = SharedPages<UInt8>()
    for number in 0..<100_000 { pages.append(UInt8(truncatingIfNeeded: number)) }
    let copy = pages.clone()
    for number in stride(from: 0, to: 100_000, by: 1000) { pages[number] = 255 }
    var wrong = 0
    for number in 0..<100_000 {
      let value = UInt8(truncatingIfNeeded: number)
      if copy[number] != value || pages[number] != (number % 1000 == 0 ? 255 : value) { wrong += 1 }
    }
    #expect(wrong == 0)
  }
}
