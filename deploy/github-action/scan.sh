#!/usr/bin/env bash
# Flags and values are one word each, `--flag=value`, and names stand behind `--`: no value is ever taken for a flag.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Of a scan of configuration, scanners says nothing: its default is vuln there too.
case $INPUT_SCAN_TYPE:$INPUT_SCANNERS in
*:vuln | *: | config:misconfig) ;;
config:*) fail "scanners can be misconfig alone with scan-type config, and not $INPUT_SCANNERS" ;;
*) fail "scanners can be vuln alone, and not $INPUT_SCANNERS; scan-type config looks for misconfig, in a step of its own" ;;
esac

args=()
names=()
case $INPUT_SCAN_TYPE in
image)
  args=(image)
  if [[ -n $INPUT_INPUT ]]; then args+=("--input=$INPUT_INPUT"); else names=("$INPUT_IMAGE_REF"); fi
  [[ -n $INPUT_INPUT || -n $INPUT_IMAGE_REF ]] || fail 'Name an image with image-ref, or an archive with input'
  ;;
rootfs) args=(rootfs) names=("$INPUT_SCAN_REF") ;;
fs | filesystem | repo | repository) args=(fs) names=("$INPUT_SCAN_REF") ;;
sbom) args=(scan) names=("sbom:$INPUT_SCAN_REF") ;;
config) args=(config) names=("$INPUT_SCAN_REF") ;;
*) fail "scan-type is image, rootfs, fs, repo, sbom or config, and not $INPUT_SCAN_TYPE" ;;
esac

# add FLAG NAME: the flag with the value of an input, where there is one.
add() { [[ -z ${!2} ]] || args+=("$1=${!2}"); }

case $INPUT_FORMAT in
cyclonedx) INPUT_FORMAT=cyclonedx-json ;;
github | template) fail "The format $INPUT_FORMAT is not one of Seaworthy's; take table, json, sarif, cyclonedx or spdx-json" ;;
esac
add --format INPUT_FORMAT
add --severity INPUT_SEVERITY
add --exit-code INPUT_EXIT_CODE
add --fail-on INPUT_FAIL_ON
add --skip-dirs INPUT_SKIP_DIRS
add --skip-files INPUT_SKIP_FILES
add --timeout INPUT_TIMEOUT
add --config INPUT_TRIVY_CONFIG
[[ $INPUT_SCAN_TYPE != image ]] || add --docker-host INPUT_DOCKER_HOST
# A name that reads like a format would be taken for one.
[[ -z $INPUT_OUTPUT ]] || case $INPUT_OUTPUT in
/*) args+=("--output=$INPUT_OUTPUT") ;;
*) args+=("--output=./$INPUT_OUTPUT") ;;
esac
if is_on INPUT_HIDE_PROGRESS; then args+=(--quiet); fi
# What is about packages says nothing of configuration.
if [[ $INPUT_SCAN_TYPE != config ]]; then
  add --pkg-types INPUT_VULN_TYPE
  if is_on INPUT_IGNORE_UNFIXED; then args+=(--ignore-unfixed); fi
  if is_on INPUT_LIST_ALL_PKGS; then args+=(--list-all-pkgs); else args+=(--list-all-pkgs=false); fi
fi

entries "$INPUT_TRIVYIGNORES"
if [[ ${#found[@]} -eq 1 ]]; then
  args+=("--ignorefile=${found[0]}")
elif [[ ${#found[@]} -gt 1 ]]; then
  rules=$(mktemp "$RUNNER_TEMP/trivyignore-XXXXXX")
  for one in "${found[@]}"; do
    [[ -f $one ]] || fail "There is no file $one with rules for findings"
    # Rules in YAML are known by the name of their file, and lines of another file would be none of them.
    case $one in *.yaml | *.yml) fail "Rules in YAML stand in one file; name $one alone in trivyignores" ;; esac
    cat -- "$one" >>"$rules"
    printf '\n' >>"$rules"
  done
  args+=("--ignorefile=$rules")
fi

status=0
run_seaworthy "${args[@]}" -- ${names[@]+"${names[@]}"} || status=$?
printf 'status=%d\n' "$status" >>"$GITHUB_OUTPUT"
exit "$status"
