// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of kern.ipc, in listing order.
  static let kernIPC: [SysctlNode] = [
    .init(node: "kern.ipc", number: 30, "IPC"),
    .init(
      .kernIpcMaxsockbuf, "kern.ipc.maxsockbuf", .ulong, .readWrite, .machine, .number(262144),
      "Maximum socket buffer size", number: 1),
    .init(
      .kernIpcSockbufWasteFactor, "kern.ipc.sockbuf_waste_factor",
      .ulong, .readWrite, .machine, .number(8),
      "", number: 2, isInert: true),
    .init(
      .kernIpcSomaxconn, "kern.ipc.somaxconn", .uint, .readWrite, .machine, .number(128),
      "Maximum pending socket connection queue size", number: 3, format: "I"),
    .init(
      .kernIpcMaxLinkhdr, "kern.ipc.max_linkhdr", .int, .readOnly, .machine, .number(16),
      "Size of largest link layer header", number: 4, isInert: true),
    .init(
      .kernIpcMaxProtohdr, "kern.ipc.max_protohdr", .int, .readOnly, .machine, .number(60),
      "Size of largest protocol layer header", number: 5, isInert: true),
    .init(
      .kernIpcMaxHdr, "kern.ipc.max_hdr", .int, .readOnly, .machine, .number(76),
      "Size of largest link plus protocol header", number: 6, isInert: true),
    .init(
      .kernIpcMaxDatalen, "kern.ipc.max_datalen", .int, .readOnly, .machine, .number(84),
      "Minimum space left in mbuf after max_hdr", number: 7, isInert: true),
    .init(
      .kernIpcMbstat, "kern.ipc.mbstat", .opaque, .readOnly, .machine, .none,
      "Mbuf general information and statistics", format: "S,mbstat"),
    .init(
      .kernIpcNmbjumbo16, "kern.ipc.nmbjumbo16", .int, .readWrite, .machine, .number(3200),
      "Maximum number of mbuf 16k jumbo clusters allowed", format: "IU", isInert: true),
    .init(
      .kernIpcNmbjumbo9, "kern.ipc.nmbjumbo9", .int, .readWrite, .machine, .number(6400),
      "Maximum number of mbuf 9k jumbo clusters allowed", format: "IU", isInert: true),
    .init(
      .kernIpcNmbjumbop, "kern.ipc.nmbjumbop", .int, .readWrite, .machine, .number(12800),
      "Maximum number of mbuf page size jumbo clusters allowed", format: "IU", isInert: true),
    .init(
      .kernIpcNmbclusters, "kern.ipc.nmbclusters", .int, .readWrite, .machine, .number(25600),
      "Maximum number of mbuf clusters allowed", format: "IU", isInert: true),
    .init(
      .kernIpcPiperesizeallowed, "kern.ipc.piperesizeallowed",
      .int, .readWrite, .machine, .number(1),
      "Pipe resizing allowed", isInert: true),
    .init(
      .kernIpcPiperesizefail, "kern.ipc.piperesizefail", .int, .readOnly, .machine, .number(0),
      "Pipe resize failures", isInert: true),
    .init(
      .kernIpcPipeallocfail, "kern.ipc.pipeallocfail", .int, .readOnly, .machine, .number(0),
      "Pipe allocation failures", isInert: true),
    .init(
      .kernIpcPipefragretry, "kern.ipc.pipefragretry", .int, .readOnly, .machine, .number(0),
      "Pipe allocation retries due to fragmentation", isInert: true),
    .init(
      .kernIpcPipekva, "kern.ipc.pipekva", .long, .readOnly, .machine, .number(0),
      "Pipe KVA usage", isInert: true),
    .init(
      .kernIpcMaxpipekva, "kern.ipc.maxpipekva",
      .long, .readOnlyTunable, .machine, .number(53092352),
      "Pipe KVA limit", isInert: true),
    .init(
      .kernIpcMsqids, "kern.ipc.msqids", .opaque, .readOnly, .machine, .none,
      "Message queue IDs", format: ""),
    .init(
      .kernIpcMsgseg, "kern.ipc.msgseg", .int, .readOnlyTunable, .machine, .number(2048),
      "Number of message segments", isInert: true),
    .init(
      .kernIpcMsgssz, "kern.ipc.msgssz", .int, .readOnlyTunable, .machine, .number(8),
      "Size of a message segment", isInert: true),
    .init(
      .kernIpcMsgtql, "kern.ipc.msgtql", .int, .readOnlyTunable, .machine, .number(40),
      "Maximum number of messages in the system", isInert: true),
    .init(
      .kernIpcMsgmnb, "kern.ipc.msgmnb", .int, .readOnlyTunable, .machine, .number(2048),
      "Maximum number of bytes in a queue", isInert: true),
    .init(
      .kernIpcMsgmni, "kern.ipc.msgmni", .int, .readOnlyTunable, .machine, .number(40),
      "Number of message queue identifiers", isInert: true),
    .init(
      .kernIpcMsgmax, "kern.ipc.msgmax", .int, .readOnly, .machine, .number(16384),
      "Maximum message size", isInert: true),
    .init(
      .kernIpcSema, "kern.ipc.sema", .opaque, .readOnly, .machine, .none,
      "", format: ""),
    .init(
      .kernIpcSemaem, "kern.ipc.semaem", .int, .readWrite, .machine, .number(16384),
      "Adjust on exit max value", isInert: true),
    .init(
      .kernIpcSemvmx, "kern.ipc.semvmx", .int, .readWrite, .machine, .number(32767),
      "Semaphore maximum value", isInert: true),
    .init(
      .kernIpcSemusz, "kern.ipc.semusz", .int, .readOnlyTunable, .machine, .number(152),
      "Size in bytes of undo structure", isInert: true),
    .init(
      .kernIpcSemume, "kern.ipc.semume", .int, .readOnlyTunable, .machine, .number(10),
      "Max undo entries per process", isInert: true),
    .init(
      .kernIpcSemopm, "kern.ipc.semopm", .int, .readOnlyTunable, .machine, .number(100),
      "Max operations per semop call", isInert: true),
    .init(
      .kernIpcSemmsl, "kern.ipc.semmsl", .int, .readWrite, .machine, .number(60),
      "Max semaphores per id", isInert: true),
    .init(
      .kernIpcSemmnu, "kern.ipc.semmnu", .int, .readOnlyTunable, .machine, .number(30),
      "Maximum number of undo structures in the system", isInert: true),
    .init(
      .kernIpcSemmns, "kern.ipc.semmns", .int, .readOnlyTunable, .machine, .number(60),
      "Maximum number of semaphores in the system", isInert: true),
    .init(
      .kernIpcSemmni, "kern.ipc.semmni", .int, .readOnlyTunable, .machine, .number(10),
      "Number of semaphore identifiers", isInert: true),
    .init(
      .kernIpcSemmap, "kern.ipc.semmap", .int, .readWrite, .machine, .number(30),
      "Number of entries in the semaphore map", isInert: true),
    .init(
      .kernIpcShmsegs, "kern.ipc.shmsegs", .opaque, .readOnly, .machine, .none,
      "Current number of shared memory segments allocated", format: ""),
    .init(
      .kernIpcShmAllowRemoved, "kern.ipc.shm_allow_removed", .int, .readWrite, .machine, .number(0),
      "Enable/Disable attachment to attached segments marked for removal", isInert: true),
    .init(
      .kernIpcShmUsePhys, "kern.ipc.shm_use_phys", .int, .readWrite, .machine, .number(0),
      "Enable/Disable locking of shared memory pages in core", isInert: true),
    .init(
      .kernIpcShmall, "kern.ipc.shmall", .ulong, .readWrite, .machine, .number(8192),
      "Maximum number of pages available for shared memory", isInert: true),
    .init(
      .kernIpcShmseg, "kern.ipc.shmseg", .ulong, .readOnlyTunable, .machine, .number(128),
      "Number of segments per process", isInert: true),
    .init(
      .kernIpcShmmni, "kern.ipc.shmmni", .ulong, .readOnlyTunable, .machine, .number(192),
      "Number of shared memory identifiers", isInert: true),
    .init(
      .kernIpcShmmin, "kern.ipc.shmmin", .ulong, .readWrite, .machine, .number(1),
      "Minimum shared memory segment size", isInert: true),
    .init(
      .kernIpcShmmax, "kern.ipc.shmmax", .ulong, .readWrite, .machine, .number(33554432),
      "Maximum shared memory segment size", isInert: true),
    .init(
      .kernIpcMbufprofileclr, "kern.ipc.mbufprofileclr", .int, .readWrite, .machine, .number(0),
      "clear mbuf profiling statistics", needs: "MBUF_PROFILING", isInert: true),
    .init(
      .kernIpcMbufprofile, "kern.ipc.mbufprofile", .string, .readOnly, .machine, .text(""),
      "mbuf profiling statistics", needs: "MBUF_PROFILING", isInert: true),
    .init(
      .kernIpcMDefragrandomfailures, "kern.ipc.m_defragrandomfailures",
      .int, .readWrite, .machine, .number(0),
      "", needs: "MBUF_STRESS_TEST", isInert: true),
    .init(
      .kernIpcMDefragfailure, "kern.ipc.m_defragfailure", .int, .readOnly, .machine, .number(0),
      "", isInert: true),
    .init(
      .kernIpcMDefraguseless, "kern.ipc.m_defraguseless", .int, .readOnly, .machine, .number(0),
      "", isInert: true),
    .init(
      .kernIpcMDefragbytes, "kern.ipc.m_defragbytes", .int, .readOnly, .machine, .number(0),
      "", isInert: true),
    .init(
      .kernIpcMDefragpackets, "kern.ipc.m_defragpackets", .int, .readOnly, .machine, .number(0),
      "", isInert: true),
    .init(
      .kernIpcMaxsockets, "kern.ipc.maxsockets", .int, .readWrite, .machine, .number(25600),
      "Maximum number of sockets avaliable", format: "IU", isInert: true),
    .init(node: "kern.ipc.zero_copy", "Zero copy controls"),
    .init(
      .kernIpcZeroCopySend, "kern.ipc.zero_copy.send", .int, .readWrite, .machine, .number(1),
      "Enable zero copy send", needs: "ZERO_COPY_SOCKETS", isInert: true),
    .init(
      .kernIpcZeroCopyReceive, "kern.ipc.zero_copy.receive", .int, .readWrite, .machine, .number(1),
      "Enable zero copy receive", needs: "ZERO_COPY_SOCKETS", isInert: true),
    .init(
      .kernIpcNumopensockets, "kern.ipc.numopensockets", .int, .readOnly, .machine, .number(0),
      "Number of open sockets"),
    .init(
      .kernIpcNsfbufsused, "kern.ipc.nsfbufsused", .int, .readOnly, .machine, .number(0),
      "Number of sendfile(2) sf_bufs in use", isInert: true),
    .init(
      .kernIpcNsfbufspeak, "kern.ipc.nsfbufspeak", .int, .readOnly, .machine, .number(0),
      "Number of sendfile(2) sf_bufs at peak usage", isInert: true),
    .init(
      .kernIpcNsfbufs, "kern.ipc.nsfbufs", .int, .readOnlyTunable, .machine, .number(0),
      "Maximum number of sendfile(2) sf_bufs available", isInert: true),
  ]
}
