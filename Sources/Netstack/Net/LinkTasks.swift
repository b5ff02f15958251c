// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A change of an interface's link that nobody has been told of yet.
struct LinkTask: BitwiseCopyable {
  var vnet: VnetIndex
  var interface: InterfaceIndex
  /// How often it changed since (`pending`).
  var count: Int
}

/// Changes of links that wait until what is in motion has run (`if_linktask`, net/if.c): a network
/// driver tells of its link by a task, and several changes before that runs are told as one.
struct LinkTasks: ~Copyable, StateHashable {
  private var tasks = UniqueArray<LinkTask>()

  var isEmpty: Bool { tasks.isEmpty }

  /// An interface's link changed (`taskqueue_enqueue`).
  mutating func add(_ interface: InterfaceIndex, of vnet: VnetIndex) {
    for place in 0..<tasks.count
    where tasks[place].vnet == vnet && tasks[place].interface == interface {
      tasks[place].count += 1
      return
    }
    tasks.append(LinkTask(vnet: vnet, interface: interface, count: 1))
  }

  /// The oldest task, or that of an interface, which is then gone.
  mutating func take(_ interface: InterfaceIndex? = nil, of vnet: VnetIndex? = nil) -> LinkTask? {
    for place in 0..<tasks.count
    where (vnet == nil || tasks[place].vnet == vnet)
      && (interface == nil || tasks[place].interface == interface)
    {
      let task = tasks[place]
      tasks.remove(at: place)
      return task
    }
    return nil
  }

  func clone() -> LinkTasks {
    var copy = LinkTasks()
    copy.tasks = tasks.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(tasks)
  }
}

extension Vnet {
  /// Runs an interface's task before the interface goes (`taskqueue_drain`).
  mutating func drainLinkTask<T: Tracer & ~Copyable>(
    of interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let task = machine.linkTasks.take(interface, of: index) else { return }
    linkStateChanged(interface, times: task.count, &machine, &tracer)
  }
}
