# shellcheck shell=bash
# What the steps have in common. Every value that comes from outside is a variable, and none is ever evaluated.
set -Eeuo pipefail

# All steps look at, and sign, what the tag meant in the first of them.
[[ -z ${PINNED_IMAGE:-} ]] || export INPUT_IMAGE_REF=$PINNED_IMAGE

# fail SENTENCE: ends the step. The runner reads lines of its own in what is printed, so line ends and percent signs are escaped.
fail() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '::error title=Seaworthy::%s\n' "${text//$'\n'/%0A}"
  exit 2
}

# is_on NAME: whether the input is true, and nothing but true or false.
is_on() {
  case ${!1} in
  true) return 0 ;;
  false | '') return 1 ;;
  esac
  fail "$(tr 'A-Z_' 'a-z-' <<<"${1#INPUT_}") is true or false, and not ${!1}"
}

# entries TEXT: sets `found` to what stands there with commas or line ends between.
entries() {
  local one
  found=()
  while IFS= read -r one; do
    one=${one#"${one%%[![:space:]]*}"}
    one=${one%"${one##*[![:space:]]}"}
    [[ -z $one ]] || found+=("$one")
  done <<<"${1//,/$'\n'}"
}

# run_seaworthy ARGUMENT...: what it prints of names and findings is no command to the runner. With `into` set, its stdout goes to that file.
run_seaworthy() {
  local status=0 token
  token=seaworthy-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  if [[ -n ${into:-} ]]; then seaworthy "$@" >"$into" || status=$?; else seaworthy "$@" || status=$?; fi
  printf '\n::%s::\n' "$token"
  return "$status"
}
