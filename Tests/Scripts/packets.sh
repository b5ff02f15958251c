# SPDX-License-Identifier: BSD-2-Clause
#
# Stand-ins for the programs of FreeBSD's tests that make, catch or carry packets: each does the
# same with inject(8), tcpdump(1) and sock(8). What one writes to one end of an epair is given to
# the other end, where the wire would bring it. What happens is told on descriptor 3, the log of the
# case.

# What `require.progs` may ask for.
atf_programs="scapy python3 python nc nping socat"

# The prefix that runs a command where an interface is. Behind the name of a jail may lie those of its
# interfaces.
atf_place() {
  local jail
  for jail in '' $(cat created_jails.lst 2>/dev/null | awk '{ print $1 }'); do
    case " $(command ${jail:+jexec $jail} ifconfig -l) " in
    *" $1 "*)
      echo "${jail:+jexec $jail}"
      return 0
      ;;
    esac
  done
  return 1
}

atf_peer() {
  case $1 in
  epair*a) echo "${1%a}b" ;;
  epair*b) echo "${1%b}a" ;;
  esac
}

# atf_bring IF PACKET ...: what is written to IF comes in at the other end of its wire.
atf_bring() {
  local peer
  peer=$(atf_peer "$1")
  shift
  echo "  inject $* recv $peer" >&3
  command $(atf_place "$peer") inject -q "$@" recv "$peer" >&3
}

# atf_heard IF PACKET-OF-OTHER-IF: what tcpdump hears at IF while a packet is brought.
atf_heard() {
  local listener
  command $(atf_place "$1") tcpdump -nevv -i "$1" icmp >heard 2>/dev/null &
  listener=$!
  shift
  atf_bring "$@"
  sleep 1
  kill $listener
  cat heard
}

# atf_hex ADDRESS: its four bytes.
atf_hex() {
  printf '%02x%02x%02x%02x' $(echo "$1" | tr . ' ')
}

# tests/sys/common/sender.py: a packet to a router that gives it back by the same wire.
sender.py() {
  local test_name smac dmac sip dip iface options lines
  atf_options "$@"
  options=
  # A stream identifier, which takes the packet off the fast way.
  [ "$test_name" = fwd_ip_icmp_slow ] && options='options 8804ffff'
  atf_heard "$iface" "$iface" icmp from "$sip" to "$dip" $options src "$smac" dst "$dmac" >answer
  cat answer >&3
  # The same packet again, the other way round, one hop older.
  grep -A 1 "$dmac > $smac, ethertype IPv4" answer | grep -q 'ttl 63' &&
    grep -q "$sip > $dip: ICMP echo request" answer
}

# tests/sys/netinet/redirect.py: a router's word that another is nearer.
redirect.py() {
  local smac dmac sip dip route gw iface quoted
  atf_options "$@"
  quoted="4500001c0001000040110000$(atf_hex "$sip")$(atf_hex "$route")0035003500080000"
  set -- $(echo "$gw" | tr . ' ')
  atf_bring "$iface" icmp from "$sip" to "$dip" icmptype 5 icmpcode 1 \
    icmpid $(($1 * 256 + $2)) icmpseq $(($3 * 256 + $4)) payload "$quoted" src "$smac" dst "$dmac"
}

# tests/sys/netpfil/common/pft_ping.py: an echo request that should, or should not, come through.
pft_ping.py() {
  local sendif to recvif recv replyif send_tc expect_tc send_tos expect_tos fromaddr source tos
  atf_options "$@"
  recvif=${recvif:-$recv}
  tos=${send_tc:-${send_tos:-0}}
  source=${fromaddr:-$(command ifconfig "$sendif" | awk '$1 == "inet" { print $2 }')}
  atf_heard "$recvif" "$sendif" icmp from "$source" to "$to" tos "$tos" payload 42c0ffee >answer
  cat answer >&3
  grep -q "$source > $to: ICMP echo request" answer || return 1
  tos=${expect_tc:-$expect_tos}
  [ -z "$tos" ] || grep -q "tos $(printf 0x%x "$tos")," answer
}

# nping: one echo request with a source of its own.
nping() {
  local e S source_mac dip
  for dip; do :; done
  while [ $# -gt 1 ]; do
    case $1 in
    -e) e=$2 ;;
    -S) S=$2 ;;
    --source-mac) source_mac=$2 ;;
    esac
    shift
  done
  atf_bring "$e" icmp from "$S" to "$dip" payload beef src "$source_mac"
}

# udp_dontroute TARGET DEVICE: whether a datagram that goes past the routes leaves by the device.
udp_dontroute() {
  command $atf_within inject -q send udp to "$1" 9 dontroute >sent
  cat sent >&3
  grep -q "${2##*/}" sent
}

# socat: the taps of the older fibs_test have no wire that one could be told to be.
socat() { atf_skip "needs a wire between two taps"; }

inetd() { atf_skip "needs a TCP server"; }

# Sets the variables that are named as `--name value`.
atf_options() {
  local name
  while [ $# -gt 1 ]; do
    name=$(echo "${1#--}" | tr - _)
    eval "$name=\$2"
    shift 2
  done
}

# tests/sys/common/net_receiver.py: waits for a text. What it got is asked at `wait`.
net_receiver.py() {
  local test_name family ports match_str count
  atf_options "$@"
  case $test_name in
  test_listen_udp) atf_listen udp bind "*:$ports" "text $match_str" ;;
  test_listen_tcp) atf_listen tcp listen "*:$ports" "text $match_str" ;;
  esac
}

# atf_listen PROTOCOL HOW END WHAT-TO-DO: makes a socket, and notes it for atf_collect.
atf_listen() {
  local number
  number=$(command $atf_within sock "$1" "$2" "$3") || return
  echo "${number#socket }|$atf_within|$4" >>listeners
}

# Gives what the sockets got to those who wait: `text T` is compared, `file F` is written.
atf_collect() {
  local number within action got result child
  [ -f listeners ] || return 0
  result=0
  while IFS='|' read -r number within action; do
    got=$(command $within sock recv "$number" 2>/dev/null)
    # A connection is a socket of its own, of which there is one at a time.
    for child in $(command $within sock list | awk '/ESTABLISHED/ { print $1 }'); do
      [ -n "$got" ] || got=$(command $within sock recv "$child" 2>/dev/null)
      command $within sock close "$child"
    done
    got=$(echo "$got" | sed -n 's/.* bytes: "\(.*\)"$/\1/p')
    case $action in
    text*) [ "$got" = "${action#text }" ] || result=1 ;;
    file*) [ -n "$got" ] && echo "$got" >"${action#file }" ;;
    esac
    command $within sock close "$number"
  done <listeners
  rm listeners
  return $result
}

wait() {
  if [ -f listeners ]; then atf_collect; else command wait "$@"; fi
}

# `sh -c`: a listener in the background is the only one that a script starts so.
atf_shell() {
  local file
  case $1 in
  *" -l "*">"*"&")
    file=${1##*> }
    file=${file% &}
    : >"$file"
    eval "atf_output=$file ${1%%>*}"
    ;;
  *) (eval "$1") ;;
  esac
}

# nc: sends its input, or notes what it is to wait for.
nc() {
  local option protocol listens text
  protocol=tcp
  listens=no
  OPTIND=1
  while getopts 46Nlnuvw: option; do
    case $option in
    6)
      atf_skip "needs IPv6"
      return 1
      ;;
    l) listens=yes ;;
    u) protocol=udp ;;
    esac
  done
  shift $((OPTIND - 1))
  if [ $listens = yes ]; then
    case $protocol in
    udp) atf_listen udp bind "$1:$2" "file $atf_output" ;;
    tcp) atf_listen tcp listen "$1:$2" "file $atf_output" ;;
    esac
    return
  fi
  text=$(cat)
  case $protocol in
  udp) atf_send_udp "$1" "$2" "$text" ;;
  tcp) atf_send_tcp "$1" "$2" "$text" ;;
  esac
  # Who waits for a file asks for nothing more.
  ! grep -q '|file ' listeners 2>/dev/null || atf_collect
}

atf_send_udp() {
  local number
  number=$(command $atf_within sock udp connect "$1:$2") || return
  number=${number#socket }
  command $atf_within sock -q send "$number" "$3" >&3
  sleep 1
  command $atf_within sock close "$number"
}

# The sockets of the model open no connection, so that the three segments of the client are made by
# hand, and its own TCP is told not to reset what it knows nothing of.
atf_send_tcp() {
  local interface listener sequence port source
  # A port that no connection before had.
  echo >>connections
  port=$((20000 + $(grep -c '' connections)))
  source=$(atf_source "$1")
  command $atf_within sysctl net.inet.tcp.blackhole=2 >/dev/null
  interface=$(command $atf_within route -n get "$1" | awk '$1 == "interface:" { print $2 }')
  command $atf_within tcpdump -nS -i "$interface" tcp >heard 2>/dev/null &
  listener=$!
  command $atf_within inject -q send tcp from "$source" $port to "$1" "$2" seq 100 tcpflags syn >&3
  sleep 1
  kill $listener
  cat heard >&3
  # The number that the listener begins with.
  sequence=$(sed -n 's/.*: Flags \[S[.]\], seq \([0-9]*\), .*/\1/p' heard)
  [ -n "$sequence" ] || return 1
  set -- to "$1" "$2" payload "$(printf %s "$3" | od -An -tx1 | tr -d ' \n')"
  command $atf_within inject -q send tcp from "$source" $port "$@" \
    seq 101 ack $((sequence + 1)) tcpflags psh,ack >&3
  sleep 1
}

# atf_source ADDRESS: the address that a process here sends from to reach another.
atf_source() {
  local interface
  interface=$(command $atf_within route -n get "$1" | awk '$1 == "interface:" { print $2 }')
  command $atf_within ifconfig "$interface" | awk '$1 == "inet" { print $2; exit }'
}
