# SPDX-License-Identifier: BSD-2-Clause
#
# Runs the shell scripts of FreeBSD's test suite in fibsh:
#
#   fibsh --exec Tests/Scripts/atf.sh [-x] [-b command] [-v name=value] SCRIPT [CASE ...]
#
# It is what atf-sh(3) is to them, one case after the other in one machine, as kyua(1) has it, and
# stands for what the scripts take for granted and 8.0 or this shell has not: words that came
# later, and programs that make or catch single packets. Docs/Testing.md says where the scripts
# come from and what they answer.
#
# For each case there is a line as `passed SCRIPT:CASE`, `failed SCRIPT:CASE: why`, `skipped ...` or
# `expected ...` (a failure the case foretells), what a failed case printed (with -x each) before it,
# and at the end the counts. The exit status is 1 if a case failed.

here=${0%/*}
. "$here/atf-check.sh"
. "$here/newer-words.sh"
. "$here/packets.sh"

# The log of a case, where there is one.
exec 3>/dev/null

atf_config=
verbose=no
while getopts b:v:x option; do
  case $option in
  b) $OPTARG >/dev/null ;; # Sets the machine up, as its owner would.
  v) atf_config="$atf_config
$OPTARG" ;;
  x) verbose=yes ;;
  *) exit 64 ;;
  esac
done
shift $((OPTIND - 1))
if [ $# -eq 0 ]; then
  echo "usage: fibsh --exec atf.sh [-x] [-b command] [-v name=value] script [case ...]" >&2
  exit 64
fi

case $1 in
/*) atf_script=$1 ;;
*) atf_script=$(pwd)/$1 ;;
esac
shift
atf_srcdir=${atf_script%/*}
atf_name=${atf_script##*/}
atf_name=${atf_name%.sh}
atf_wanted=$*
atf_work=$(mktemp -d)

# One case: its head, its body and its cleanup, each in a shell of its own.
atf_run_case() {
  local result status reason
  mkdir "$atf_work/$1"
  cd "$atf_work/$1"
  (
    atf_result=$atf_work/$1.result
    # What a case leaves running ends with it.
    trap 'killall 2>/dev/null' EXIT
    "$1_head"
    atf_meet_needs
    "$1_body"
    exit $?
  ) >"$atf_work/$1.out" 2>&1 3>&1
  status=$?
  result=
  [ -f "$atf_work/$1.result" ] && result=$(cat "$atf_work/$1.result")
  case $result in
  '')
    result=passed
    [ $status -eq 0 ] || result="failed the body ended with status $status"
    [ -f "$atf_work/$1.result.expected" ] && result="failed a failure was foretold, and it passed"
    ;;
  failed*) [ -f "$atf_work/$1.result.expected" ] && result="expected ${result#failed }" ;;
  esac
  case " $atf_cleanups " in
  *" $1 "*) ("$1_cleanup") >>"$atf_work/$1.out" 2>&1 3>&1 ;;
  esac
  cd "$atf_work"
  case $result in failed*) sed 's/^/    /' "$1.out" ;; esac
  [ "$verbose" = yes ] && sed 's/^/    /' "$1.out"
  reason=${result#* }
  result=${result%% *}
  case $reason in
  "$result") echo "$result $atf_name:$1" ;;
  *) echo "$result $atf_name:$1: $reason" ;;
  esac
  echo "$result" >>"$atf_work/results"
}

atf_cleanups=
atf_cases=
cd "$atf_work"
. "$atf_script"
case $(type atf_init_test_cases 2>/dev/null) in
*function*) atf_init_test_cases ;;
*) exit ;; # A script of its own kind has run already.
esac

for atf_case in ${atf_wanted:-$atf_cases}; do
  atf_run_case "$atf_case"
done
cd /
atf_line=$atf_name
for result in passed failed skipped expected; do
  atf_line="$atf_line, $(grep -c "^$result" "$atf_work/results") $result"
done
echo "$atf_line"
grep -q '^failed' "$atf_work/results"
status=$?
rm -r "$atf_work"
[ $status -ne 0 ]
