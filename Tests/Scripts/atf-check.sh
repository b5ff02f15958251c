# SPDX-License-Identifier: BSD-2-Clause
#
# The functions of atf-sh(3), and atf-check(1).

atf_test_case() {
  [ "$2" = cleanup ] && atf_cleanups="$atf_cleanups $1"
  return 0
}

atf_add_test_case() {
  atf_cases="$atf_cases $1"
}

# What a head says: only what must be there to run is asked.
atf_set() {
  local name
  name=$(echo "$1" | tr .- __)
  eval "atf_meta_$name=\$2"
}

atf_get() {
  local name value
  name=$(echo "$1" | tr .- __)
  eval "value=\$atf_meta_$name"
  echo "$value"
}

atf_get_srcdir() {
  echo "$atf_srcdir"
}

atf_config_has() {
  echo "$atf_config" | grep -q "^$1="
}

atf_config_get() {
  if atf_config_has "$1"; then
    echo "$atf_config" | sed -n "s/^$1=//p" | tail -n 1
  elif [ $# -gt 1 ]; then
    echo "$2"
  else
    atf_fail "no value for $1: give -v $1=..."
  fi
}

# The last word of a case: it ends the shell it is said in. The first one counts, as it may be said in
# a shell inside that of the body. In a script without cases it is said, and ends nothing.
atf_end() {
  if [ -z "$atf_result" ]; then
    echo "$1 $2" >&2
    return 1
  fi
  [ -f "$atf_result" ] || echo "$1 $2" >"$atf_result"
  exit "$3"
}

atf_pass() { atf_end passed passed 0; }
atf_fail() { atf_end failed "$*" 1; }
atf_skip() { atf_end skipped "$*" 0; }

atf_expect_fail() { echo "$*" >"$atf_result.expected"; }
atf_expect_pass() { rm -f "$atf_result.expected"; }

atf_fail_check() { atf_fail "$@"; }
atf_check_equal() { [ "$1" = "$2" ] || atf_fail "$1 != $2 (${3:-as expected})"; }
atf_check_not_equal() { [ "$1" != "$2" ] || atf_fail "$1 == $2"; }
atf_require_prog() { atf_knows "$1" || atf_skip "needs the program $1"; }
atf_require_kmod() { kldstat -q -m "$1" || atf_skip "needs the module $1"; }

# Whether a program is a command or function of this shell, or stands in packets.sh.
atf_knows() {
  case " $atf_programs " in *" $1 "*) return 0 ;; esac
  type "$1" >/dev/null 2>&1
}

atf_meet_needs() {
  local word
  for word in $(atf_get require.progs); do
    atf_knows "$word" || atf_skip "needs the program $word"
  done
  for word in $(atf_get require.config); do
    atf_config_has "$word" || atf_skip "needs the variable $word"
  done
  for word in $(atf_get require.kmods); do
    kldstat -q -m "$word" || atf_skip "needs the module $word"
  done
}

# atf_check [-x] [-s STATUS] [-o OUTPUT] [-e ERRORS] COMMAND ...
atf_check() {
  local outputs errors wanted evaluates option status answer
  outputs=
  errors=
  wanted=exit:0
  evaluates=no
  OPTIND=1
  while getopts s:o:e:x option; do
    case $option in
    s) wanted=$OPTARG ;;
    # More than one of a kind may be given, and each must hold; a word is quoted to be read again.
    o) outputs="$outputs $(atf_quoted "$OPTARG")" ;;
    e) errors="$errors $(atf_quoted "$OPTARG")" ;;
    x) evaluates=yes ;;
    *) atf_fail "atf_check: bad option" ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "atf_check: $*"
  if [ $evaluates = yes ]; then
    (eval "$*") >atf.stdout 2>atf.stderr
    status=$?
  else
    atf_program "$@" >atf.stdout 2>atf.stderr
    status=$?
  fi
  atf_is_status "$wanted" $status ||
    { cat atf.stdout atf.stderr; atf_fail "$*: status $status, not $wanted"; }
  eval "set -- ${errors:-empty}"
  atf_check_stream stderr "$@"
  eval "set -- ${outputs:-empty}"
  atf_check_stream stdout "$@"
}

atf_quoted() {
  printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# A program by its path is the function of that name, if there is one.
atf_program() {
  local program
  program=${1##*/}
  shift
  (
    "$program" "$@"
  )
}

atf_is_status() {
  case $1 in
  ignore | exit | exit:"$2" | eq:"$2" | "$2") return 0 ;;
  not-exit:"$2" | ne:"$2") return 1 ;;
  not-exit:* | ne:*) return 0 ;;
  *) return 1 ;;
  esac
}

# Compares what a stream got, which lies in a file, with each of the wishes.
atf_check_stream() {
  local stream wish value
  stream=$1
  shift
  for wish; do
    value=${wish#*:}
    case $wish in
    ignore) ;;
    empty) [ ! -s atf.$stream ] || atf_differs $stream "is not empty" ;;
    not-empty) [ -s atf.$stream ] || atf_differs $stream "is empty" ;;
    inline:*)
      printf "$value" >atf.wanted
      cmp -s atf.wanted atf.$stream || atf_differs $stream "is not: $(cat atf.wanted)"
      ;;
    file:*) cmp -s "$value" atf.$stream || atf_differs $stream "is not that of $value" ;;
    match:*) grep -Eq -e "$value" atf.$stream || atf_differs $stream "has no $value" ;;
    not-match:*) ! grep -Eq -e "$value" atf.$stream || atf_differs $stream "has $value" ;;
    save:*) cat atf.$stream >"$value" ;;
    *) atf_fail "atf_check: what is $wish?" ;;
    esac
  done
}

atf_differs() {
  cat "atf.$1"
  atf_fail "$1 $2"
}
