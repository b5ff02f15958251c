// SPDX-License-Identifier: BSD-2-Clause

/// The users and groups that FreeBSD is installed with, as getpwnam(3) and getgrnam(3) find them.
enum Accounts {
  /// /etc/passwd, in order: the first name of a number is the one that is shown.
  static let users = Accounts.read(
    """
    root 0,toor 0,daemon 1,operator 2,bin 3,tty 4,kmem 5,games 7,news 8,man 9,sshd 22,smmsp 25,
    mailnull 26,bind 53,proxy 62,_pflogd 64,_dhcp 65,uucp 66,pop 68,www 80,nobody 65534
    """)
  /// /etc/group.
  static let groups = Accounts.read(
    """
    wheel 0,daemon 1,kmem 2,sys 3,tty 4,operator 5,mail 6,bin 7,news 8,man 9,games 13,
    staff 20,sshd 22,smmsp 25,mailnull 26,guest 31,bind 53,proxy 62,authpf 63,_pflogd 64,_dhcp 65,
    uucp 66,dialer 68,network 69,audit 77,www 80,nogroup 65533,nobody 65534
    """)

  private static func read(_ text: String) -> [(name: String, number: UInt32)] {
    text.split { $0 == "," || $0.isNewline }.map { line in
      let parts = line.split(separator: " ")
      return (String(parts[0]), UInt32(parts[1]) ?? 0)
    }
  }
}
