// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// The host's files as the shell may use them.
enum HostFiles {
  /// The most that a file may hold; a device without an end must not fill the memory.
  private static let limit = 1 << 30

  /// The bytes of a file.
  static func read(_ path: String) throws(HostError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw HostError(message(errno)) }
    defer { close(file) }
    return try readAll(file)
  }

  /// Opens a file to read it piece by piece.
  static func reader(_ path: String) throws(HostError) -> FileReader {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw HostError(message(errno)) }
    var status = stat()
    let isRegular = unsafe fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    return FileReader(size: isRegular ? Int(status.st_size) : nil) {
      () throws(HostError) -> [UInt8] in
      try piece(of: file, 1 << 18)
    } close: {
      close(file)
    }
  }

  /// The next bytes of an open file, as many as there are at once, or none at the end.
  private static func piece(of file: Int32, _ most: Int) throws(HostError) -> [UInt8] {
    while true {
      var failure: Int32 = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
        // The buffer has room for so many, and read(2) says how many it wrote.
        let got = unsafe Glibc.read(file, buffer.baseAddress, most)
        if got < 0 { failure = errno }
        count = max(0, got)
      }
      if failure == 0 { return bytes }
      if failure == EINTR && !Signals.isInterrupted { continue }
      throw HostError(message(failure))
    }
  }

  /// The bytes up to the end of an open file or pipe.
  static func readAll(_ file: Int32) throws(HostError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR && !Signals.isInterrupted { continue }
        throw HostError(message(errno))
      }
      bytes += chunk[..<count]
      if bytes.count > limit { throw HostError(message(EFBIG)) }
    }
  }

  /// Opens a file to write.
  static func create(_ path: String, _ isAppending: Bool) throws(HostError) -> Sink {
    let mode = isAppending ? O_APPEND : O_TRUNC
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o666)
    guard file >= 0 else { throw HostError(message(errno)) }
    return Sink {
      writeAll($0, to: file) == nil
    } close: {
      close(file) == 0 ? 0 : 1
    }
  }

  /// What a path names; nil if nothing is there.
  static func file(_ path: String) -> HostFile? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    var own = stat()
    let isLink = unsafe lstat(path, &own) == 0 && own.st_mode & S_IFMT == S_IFLNK
    let kind: HostFile.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .directory
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFBLK: .block
      case S_IFCHR: .character
      default: .regular
      }
    return HostFile(
      kind: kind, isLink: isLink, size: Int(status.st_size),
      isReadable: unsafe access(path, R_OK) == 0, isWritable: unsafe access(path, W_OK) == 0,
      isExecutable: unsafe access(path, X_OK) == 0)
  }

  /// The working directory.
  static func directory() -> String {
    guard let path = unsafe getcwd(nil, 0) else { return "." }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// Changes the working directory.
  static func changeDirectory(_ path: String) throws(HostError) -> String {
    guard unsafe chdir(path) == 0 else { throw HostError(message(errno)) }
    return directory()
  }

  /// The names in a directory, directories with a slash behind.
  static func list(_ directory: String) -> [String] {
    guard let stream = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      let isDirectory =
        unsafe stat("\(directory)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      names.append(isDirectory ? name + "/" : name)
    }
    return names
  }
}

/// The words for the host's errno, which are FreeBSD's for all a file can meet.
func message(_ number: Int32) -> String {
  switch number {
  case ETXTBSY: "Text file busy"
  case ELOOP: "Too many levels of symbolic links"
  case EDQUOT: "Disc quota exceeded"
  default: unsafe strerror(number).map { unsafe String(cString: $0) } ?? "Unknown error: \(number)"
  }
}
