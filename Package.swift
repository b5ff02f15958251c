// swift-tools-version: 6.3
// SPDX-License-Identifier: BSD-2-Clause

import PackageDescription

/// What every Swift target of ours is compiled with. A warning is an error.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The product's own targets also prove where unsafe code is, and may return spans of `self`.
let sourceSettings: [SwiftSetting] =
  settings + [
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
  ]

let package = Package(
  name: "fibsh",
  products: [
    .executable(name: "fibsh", targets: ["fibsh"]),
    .executable(name: "fibsh-bench", targets: ["fibsh-bench"]),
    .library(name: "Netstack", targets: ["Netstack"]),
    .library(name: "Wire", targets: ["Wire"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0")
  ],
  targets: [
    .target(name: "Wire", swiftSettings: sourceSettings),
    .target(
      name: "Netstack",
      dependencies: [
        "Wire", "CBits", .product(name: "BasicContainers", package: "swift-collections"),
      ],
      swiftSettings: sourceSettings),
    .systemLibrary(name: "CBits"),
    .target(name: "Shell", swiftSettings: sourceSettings),
    .target(
      name: "Userland", dependencies: ["Netstack", "Shell", "Wire", "CPcap"],
      swiftSettings: sourceSettings),
    .systemLibrary(
      name: "CEditline", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .executableTarget(
      name: "fibsh", dependencies: ["Userland", "Shell", "CEditline"],
      swiftSettings: sourceSettings),
    .target(name: "CProbe"),
    .executableTarget(
      name: "fibsh-bench",
      dependencies: [
        "Netstack", "Wire", "CProbe",
        .product(name: "BasicContainers", package: "swift-collections"),
      ],
      swiftSettings: sourceSettings),
    .testTarget(
      name: "WireTests", dependencies: ["Wire"], exclude: ["Golden"], swiftSettings: settings),
    .testTarget(
      name: "NetstackTests",
      dependencies: [
        "Netstack", "Wire", .product(name: "BasicContainers", package: "swift-collections"),
      ],
      exclude: ["Sysctl/catalogue.tsv", "Tables/Golden"],
      swiftSettings: settings),
    .testTarget(name: "ShellTests", dependencies: ["Shell"], swiftSettings: settings),
    .testTarget(
      name: "UserlandTests", dependencies: ["Userland", "Netstack", "Shell", "Wire"],
      exclude: ["Golden"], swiftSettings: settings),
    .testTarget(
      name: "TranscriptTests", dependencies: ["Userland", "Netstack", "Shell", "Wire"],
      exclude: ["Cases", "Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "VectorTests",
      dependencies: [
        "Netstack", "Shell", "Userland", "Wire",
        .product(name: "BasicContainers", package: "swift-collections"),
      ],
      exclude: ["Vectors"],
      swiftSettings: settings),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Userland", "Netstack", "Shell", "Wire",
        .product(name: "BasicContainers", package: "swift-collections"),
      ],
      swiftSettings: settings),
  ]
)
