// SPDX-License-Identifier: BSD-2-Clause

/// A frame that an observer of an interface saw.
package struct CapturedFrame: Sendable {
  package var time: Instant
  package var vnet: VnetIndex
  package var interface: InterfaceIndex
  package var direction: Direction
  package var bytes: [UInt8]
}

/// Frames that observers asked to see, oldest first, until somebody takes them (bpf).
///
/// Off the packet path while `Ifnet.bpfPeers` is 0; each frame then costs an allocation.
package struct CaptureBuffer: Sendable {
  package private(set) var frames: [CapturedFrame] = []

  /// Keeps a frame.
  mutating func append(_ frame: CapturedFrame) { frames.append(frame) }

  /// Gives the frames away and forgets them.
  package mutating func take() -> [CapturedFrame] {
    defer { frames = [] }
    return frames
  }
}
