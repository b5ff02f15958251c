# SPDX-License-Identifier: BSD-2-Clause
#
# Words that FreeBSD's scripts use and 8.0 does not have, said in those it has, and host programs
# that differ. A tool whose words fit is not here. `command NAME` is the tool itself.

# What the functions below stand for where `jexec` or `setfib` runs them.
atf_stand_ins="dnctl id ifconfig inetd jail jexec killall kldload kldstat nc net_receiver.py
  nping pft_ping.py ping ping6 realpath redirect.py route sender.py setfib sockstat sysctl
  udp_dontroute"
# The prefix commands that run what runs now.
atf_within=

# jexec [-l] JAIL COMMAND: a login class is nothing here, and the functions go with it.
jexec() {
  local jail
  [ "$1" = -l ] && shift
  jail=$1
  shift
  atf_inside "jexec $jail" "$@"
}

setfib() {
  local fib
  fib=$1
  shift
  atf_inside "setfib $fib" "$@"
}

atf_inside() {
  local atf_within_now program word
  atf_within_now="$atf_within $1"
  shift
  program=${1##*/}
  shift
  local atf_within
  atf_within=$atf_within_now
  if [ "$program" = sh ] && [ "$1" = -c ]; then
    atf_shell "$2"
  elif [ "$program" = sh ] && [ -f "$1" ]; then
    # A list of commands, which says nothing where one is missing.
    for word in $(awk '$1 !~ /^#/ { print $1 }' "$1"); do
      atf_knows "$word" || atf_skip "needs the program $word"
    done
    command $atf_within sh "$@"
  elif atf_stands_in "$program"; then
    "$program" "$@"
  else
    command $atf_within "$program" "$@"
  fi
}

atf_stands_in() {
  local name
  for name in $atf_stand_ins; do [ "$name" = "$1" ] && return 0; done
  return 1
}

# jail: `vnet.interface=IF` (9.1) moves interfaces as `ifconfig IF vnet J`, and -R is -r by force. With
# `-v fastforwarding=1` new stacks forward as those since 11.0 do.
jail() {
  local name interfaces word count
  name=
  interfaces=
  count=$#
  while [ $count -gt 0 ]; do
    word=$1
    shift
    case $word in
    vnet.interface=*) interfaces="$interfaces $(echo "${word#*=}" | tr , ' ')" ;;
    -R) set -- "$@" -r ;;
    *)
      case $word in
      -n) name=$1 ;;
      name=*) name=${word#*=} ;;
      esac
      set -- "$@" "$word"
      ;;
    esac
    count=$((count - 1))
  done
  command $atf_within jail "$@" || return
  for word in $interfaces; do command $atf_within ifconfig "$word" vnet "$name"; done
  if [ -n "$name" ] && atf_config_has fastforwarding; then
    command $atf_within jexec "$name" sysctl net.inet.ip.fastforwarding=1 >/dev/null
  fi
}

# ifconfig: `-j JAIL` (14.0) runs inside; the interfaces of 8.0 have no FIB, so `fib N` (9.2) goes. The
# CARP of 10.0, `IF add vhid N`, is an interface here, which shows where the other is shown.
ifconfig() {
  local word count jail
  if [ "$2 $3" = "add vhid" ]; then
    atf_carp "$@"
    return
  fi
  if [ "$1" = -j ]; then
    jail=$2
    shift 2
    atf_inside "jexec $jail" ifconfig "$@"
    return
  fi
  count=$#
  while [ $count -gt 0 ]; do
    word=$1
    shift
    count=$((count - 1))
    case $word in
    inet6)
      atf_skip "needs IPv6"
      return 1
      ;;
    fib)
      shift
      count=$((count - 1))
      ;;
    *) set -- "$@" "$word" ;;
    esac
  done
  command $atf_within ifconfig "$@" || return
  if [ $# -eq 1 ] && [ -f carps ]; then
    word=$(sed -n "s/^$atf_within|$1|//p" carps)
    [ -z "$word" ] || command $atf_within ifconfig "$word"
  fi
  return 0
}

atf_carp() {
  local name
  name=$(command $atf_within ifconfig carp create) || return
  echo "$atf_within|$1|$name" >>carps
  # An epair of 8.0 says nothing of its link, which CARP waits for.
  command $atf_within ifconfig "$1" linkstate up
  shift 2
  command $atf_within ifconfig "$name" "$@"
}

# route: -4 (9.1) is what 8.0 does, `-fib N` (9.1) is setfib(1), and a route to nowhere needed a
# gateway until 13.0.
route() {
  local word count fib needs operands
  fib=
  needs=no
  operands=0
  count=$#
  while [ $count -gt 0 ]; do
    word=$1
    shift
    count=$((count - 1))
    case $word in
    -4) continue ;;
    -6 | -inet6)
      atf_skip "needs IPv6"
      return 1
      ;;
    -fib)
      fib="setfib $1"
      shift
      count=$((count - 1))
      continue
      ;;
    -blackhole | -reject) needs=yes ;;
    -*) ;;
    *) operands=$((operands + 1)) ;;
    esac
    set -- "$@" "$word"
  done
  # The word `add` and the destination alone.
  [ $needs = yes ] && [ $operands -eq 2 ] && set -- "$@" 127.0.0.1
  command $atf_within $fib route "$@"
}

# sysctl: -i (8.1) says nothing of a node that is not there.
sysctl() {
  local word names ignores
  ignores=no
  names=no
  for word; do
    case $word in
    kern.features.vimage) echo 1 && return ;;
    -*i*) ignores=yes ;;
    *inet6*) return 0 ;;
    esac
  done
  if [ $ignores = yes ]; then
    [ "$1" = -i ] && shift
    command $atf_within sysctl "$@" 2>/dev/null
    return 0
  fi
  command $atf_within sysctl "$@"
}

ping() {
  case " $* " in
  *" -6 "* | *:*) atf_skip "needs IPv6" ;;
  *) command $atf_within ping "$@" ;;
  esac
}

ping6() { atf_skip "needs IPv6"; }

# dnctl(8) is what ipfw(8) says of pipes and queues.
dnctl() { command $atf_within ipfw "$@"; }

# All that is modelled is in the kernel.
kldload() { return 0; }
kldstat() {
  local name
  for name; do :; done
  case $name in
  carp | dummynet | if_bridge | if_carp | if_epair | ipdivert | ipfw | ipfw_nat) return 0 ;;
  *) return 1 ;;
  esac
}

# sockstat -4ql [-p PORT]: a line for each socket that waits.
sockstat() {
  local option port
  port='[0-9]+'
  OPTIND=1
  while getopts 46qlp: option; do [ "$option" = p ] && port=$OPTARG; done
  command $atf_within netstat -an | grep -E "^(tcp4|udp4).*[.]$port +[*][.][*]"
  return 0
}

# killall NAME: the only programs that go on are jobs.
killall() {
  local job
  for job in $(jobs -p); do kill "$job"; done
}

# sleep(1), up to the five minutes that kyua(1) gives a case.
atf_slept=0
sleep() {
  command sleep "$1"
  atf_slept=$((atf_slept + ${1%.*}0 / 10 + 1))
  [ $atf_slept -le 300 ] || atf_fail "waits for more than five minutes"
}

id() { echo 0; }
realpath() { echo "$1"; }

# sed -i takes the ending of a copy as a word of its own; the host's wants it in the same one.
sed() {
  local ending
  if [ "$1" = -i ]; then
    ending=$2
    shift 2
    set -- "-i$ending" "$@"
  fi
  command sed "$@"
}

tail() {
  if [ "$1" = -r ]; then
    shift
    tac "$@"
  else
    command tail "$@"
  fi
}
