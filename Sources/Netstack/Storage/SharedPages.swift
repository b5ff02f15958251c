// SPDX-License-Identifier: BSD-2-Clause

import CBits

/// A table of plain data whose copies share all pages that nobody has written since.
///
/// `clone()` counts up one number. The first write of either side then gives it a list of pages of
/// its own, and each first write into a page that is still shared a copy of that page. Reading counts
/// nothing.
///
/// The counts of owners are not atomic. That is sound because the type is not `Sendable`: a clone is
/// in the same isolation region as what it was made of, so the compiler keeps both with one thread.
@safe package struct SharedPages<Element: BitwiseCopyable>: ~Copyable {
  /// What stands in front of a list of pages and of a page. A page begins a cache line.
  private struct Header: BitwiseCopyable {
    static var size: Int { 64 }
    /// Tables that use the list; lists that have the page.
    var owners: Int
    /// Pages that the list has places for; elements that the page has them for.
    var capacity: Int
  }

  /// The pages; an absent one stands for elements that are 0 in every bit. Each page that is there
  /// has a place for every element of its range below `count`.
  private var pages: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  /// Elements that are there, from 0 on.
  package private(set) var count = 0

  package init() { unsafe pages = SharedPages.makeList(capacity: 0) }

  deinit { unsafe SharedPages.release(list: pages) }

  /// A table with the same elements, which shares its pages with this one.
  package func clone() -> SharedPages { SharedPages(sharing: self) }

  private init(sharing other: borrowing SharedPages) {
    unsafe SharedPages.header(other.pages).pointee.owners += 1
    unsafe pages = other.pages
    count = other.count
  }

  /// Whether nobody has written to either since one was made of the other.
  @inline(__always)
  package func sharesPages(with other: borrowing SharedPages) -> Bool {
    unsafe pages == other.pages
  }

  /// Elements of a page as a power of two: 1,024, or as many as fit into 32 KB.
  @inline(__always) private static var shift: Int {
    let fitting = max(32768 / MemoryLayout<Element>.stride, 1)
    return min(Int.bitWidth - 1 - fitting.leadingZeroBitCount, 10)
  }

  /// Elements of a page.
  @inline(__always) package static var pageSize: Int { 1 << shift }

  /// An element that was once written.
  package subscript(index: Int) -> Element {
    @inline(__always) get {
      unsafe pointer(to: index).pointee
    }
    @inline(__always) _modify {
      yield unsafe &writable(index).pointee
    }
  }

  /// Has an element that will be read soon brought near, if there is one. So many wait for memory
  /// together.
  @inline(__always)
  package func prefetch(_ index: Int) {
    guard UInt(bitPattern: index) < UInt(bitPattern: count),
      let page = unsafe pages[index >> SharedPages.shift]
    else { return }
    unsafe cbits_prefetch(SharedPages.element(index, of: page))
  }

  /// Adds an element at the end.
  package mutating func append(_ element: Element) {
    grow(to: count + 1)
    self[count - 1] = element
  }

  /// Takes the last element out.
  package mutating func popLast() -> Element? {
    guard count > 0 else { return nil }
    let last = self[count - 1]
    count -= 1
    return last
  }

  /// Makes the table have at least so many elements. New ones are as they were left when they were
  /// last taken out, 0 at first.
  package mutating func grow(to newCount: Int) {
    guard newCount > count else { return }
    let needed = (newCount + SharedPages.pageSize - 1) >> SharedPages.shift
    if unsafe needed > SharedPages.header(pages).pointee.capacity {
      unsafe makeOwn(capacity: max(needed, 2 * SharedPages.header(pages).pointee.capacity))
    }
    count = newCount
    // Only the first page may be smaller than a page.
    guard let first = unsafe pages[0] else { return }
    let capacity = unsafe SharedPages.header(first).pointee.capacity
    guard capacity < min(newCount, SharedPages.pageSize) else { return }
    replace(page: 0, capacity: min(max(newCount, 2 * capacity), SharedPages.pageSize))
  }

  /// Makes the elements of a page, by one of them, be 0 as if they had never been written.
  package mutating func forgetPage(of index: Int) {
    if hasPage(of: index) { unsafe set(page: index >> SharedPages.shift, to: nil) }
  }

  /// Makes the elements of a page, by one of them, be those of another page, which is written and
  /// has its full size.
  package mutating func sharePage(of index: Int, with other: Int) {
    precondition(index < count && hasPage(of: other), "there are two pages")
    guard let page = unsafe pages[other >> SharedPages.shift],
      unsafe SharedPages.header(page).pointee.capacity == SharedPages.pageSize
    else { preconditionFailure("what is shared is whole") }
    unsafe SharedPages.header(page).pointee.owners += 1
    unsafe set(page: index >> SharedPages.shift, to: page)
  }

  private mutating func set(page number: Int, to new: UnsafeMutableRawPointer?) {
    unsafe makeOwn(capacity: SharedPages.header(pages).pointee.capacity)
    if let old = unsafe pages[number] { unsafe SharedPages.release(page: old) }
    unsafe pages[number] = new
  }

  /// Whether an element is in a page that is there.
  package func hasPage(of index: Int) -> Bool {
    guard index < count else { return false }
    return unsafe pages[index >> SharedPages.shift] != nil
  }

  /// Takes everything out.
  package mutating func removeAll() {
    unsafe SharedPages.release(list: pages)
    unsafe pages = SharedPages.makeList(capacity: 0)
    count = 0
  }

  /// Bytes of list and pages, whoever else has them too.
  package var bytes: Int {
    let capacity = unsafe SharedPages.header(pages).pointee.capacity
    var sum = Header.size + capacity * MemoryLayout<UInt>.stride
    for number in 0..<capacity {
      guard let page = unsafe pages[number] else { continue }
      let elements = unsafe SharedPages.header(page).pointee.capacity
      sum += Header.size + elements * MemoryLayout<Element>.stride
    }
    return sum
  }

  // MARK: Pages

  @inline(__always)
  private static func header(_ block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Header> {
    unsafe (block - Header.size).assumingMemoryBound(to: Header.self)
  }

  @inline(__always)
  private static func element(
    _ index: Int, of page: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<Element> {
    unsafe page.assumingMemoryBound(to: Element.self) + (index & (pageSize - 1))
  }

  /// The place of an element that was once written, to be read.
  @inline(__always)
  func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "an index is in its table")
    guard let page = unsafe pages[index >> SharedPages.shift] else {
      preconditionFailure("what is read was written")
    }
    return unsafe SharedPages.element(index, of: page)
  }

  /// The same where the index is one that a table of ours gave: only builds for tests look whether it
  /// is right.
  @inline(__always)
  func knownPointer(to index: Int) -> UnsafeMutablePointer<Element> {
    assert(index < count && hasPage(of: index), "an index is in its table")
    let page = unsafe pages[index >> SharedPages.shift].unsafelyUnwrapped
    return unsafe SharedPages.element(index, of: page)
  }

  /// The place of an element in a page that nobody else has.
  @inline(__always)
  private mutating func writable(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "an index is in its table")
    if unsafe SharedPages.header(pages).pointee.owners == 1,
      let page = unsafe pages[index >> SharedPages.shift],
      unsafe SharedPages.header(page).pointee.owners == 1
    {
      return unsafe SharedPages.element(index, of: page)
    }
    return unsafe madeWritable(index)
  }

  @inline(never)
  private mutating func madeWritable(_ index: Int) -> UnsafeMutablePointer<Element> {
    unsafe makeOwn(capacity: SharedPages.header(pages).pointee.capacity)
    let number = index >> SharedPages.shift
    if let page = unsafe pages[number] {
      let header = unsafe SharedPages.header(page)
      if unsafe header.pointee.owners > 1 {
        unsafe replace(page: number, capacity: header.pointee.capacity)
      }
    } else {
      let first = min(max(count, 16), SharedPages.pageSize)
      replace(page: number, capacity: number == 0 ? first : SharedPages.pageSize)
    }
    guard let page = unsafe pages[number] else { preconditionFailure("a page was made") }
    return unsafe SharedPages.element(index, of: page)
  }

  /// Puts a copy of a page, or one of zeros, in its place.
  private mutating func replace(page number: Int, capacity: Int) {
    unsafe makeOwn(capacity: SharedPages.header(pages).pointee.capacity)
    let size = capacity * MemoryLayout<Element>.stride
    let new = unsafe SharedPages.makeBlock(bytes: size, capacity: capacity)
    var copied = 0
    if let old = unsafe pages[number] {
      copied = unsafe SharedPages.header(old).pointee.capacity * MemoryLayout<Element>.stride
      unsafe new.copyMemory(from: old, byteCount: copied)
      unsafe SharedPages.release(page: old)
    }
    unsafe (new + copied).initializeMemory(as: UInt8.self, repeating: 0, count: size - copied)
    unsafe pages[number] = new
  }

  /// Makes the list one that no other table uses, with room for so many pages.
  private mutating func makeOwn(capacity: Int) {
    let header = unsafe SharedPages.header(pages)
    guard unsafe header.pointee.owners > 1 || capacity > header.pointee.capacity else { return }
    let new = unsafe SharedPages.makeList(capacity: capacity)
    let old = unsafe header.pointee.capacity
    for number in 0..<old {
      guard let page = unsafe pages[number] else { continue }
      unsafe new[number] = page
      unsafe SharedPages.header(page).pointee.owners += 1
    }
    unsafe SharedPages.release(list: pages)
    unsafe pages = new
  }

  private static func makeBlock(bytes: Int, capacity: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawPointer.allocate(byteCount: Header.size + bytes, alignment: 64)
    unsafe block.initializeMemory(as: Header.self, to: Header(owners: 1, capacity: capacity))
    return unsafe block + Header.size
  }

  private static func makeList(
    capacity: Int
  ) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    // A pointer takes as much as a word.
    let bytes = capacity * MemoryLayout<UInt>.stride
    let block = unsafe makeBlock(bytes: bytes, capacity: capacity)
    return unsafe block.initializeMemory(
      as: UnsafeMutableRawPointer?.self, repeating: nil, count: capacity)
  }

  private static func release(page: UnsafeMutableRawPointer) {
    unsafe header(page).pointee.owners -= 1
    if unsafe header(page).pointee.owners == 0 { unsafe (page - Header.size).deallocate() }
  }

  private static func release(list: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    let header = unsafe SharedPages.header(list)
    unsafe header.pointee.owners -= 1
    guard unsafe header.pointee.owners == 0 else { return }
    let old = unsafe header.pointee.capacity
    for number in 0..<old {
      if let page = unsafe list[number] { unsafe release(page: page) }
    }
    unsafe (UnsafeMutableRawPointer(list) - Header.size).deallocate()
  }
}

/// Numbers of which most are 0: pages without any other take no memory.
extension SharedPages where Element: FixedWidthInteger {
  /// The number at any index; 0 where none was written.
  @inline(__always)
  package func value(at index: Int) -> Element {
    guard UInt(bitPattern: index) < UInt(bitPattern: count),
      let page = unsafe pages[index >> SharedPages.shift]
    else { return 0 }
    return unsafe SharedPages.element(index, of: page).pointee
  }

  /// The same where the index is known to be in the table.
  @inline(__always)
  func knownValue(at index: Int) -> Element {
    assert(index < count, "an index is in its table")
    guard let page = unsafe pages[index >> SharedPages.shift] else { return 0 }
    return unsafe SharedPages.element(index, of: page).pointee
  }

  /// Writes a number at any index from 0 on.
  @inline(__always)
  package mutating func set(_ value: Element, at index: Int) {
    if index >= count {
      guard value != 0 else { return }
      grow(to: index + 1)
    }
    self[index] = value
  }
}
