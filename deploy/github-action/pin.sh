#!/usr/bin/env bash
# A tag may be moved between two steps: what is signed is what was scanned and judged.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if ! is_on INPUT_SIGN; then exit 0; fi
[[ -n $INPUT_IMAGE_REF ]] || fail 'Name the image to sign with image-ref'
[[ $INPUT_SCAN_TYPE == image && -z $INPUT_INPUT ]] ||
  fail 'sign is about what was scanned: it goes with scan-type image and image-ref, and without input'
if [[ $INPUT_IMAGE_REF == *@* ]]; then exit 0; fi

into=$(mktemp "$RUNNER_TEMP/digest-XXXXXX")
run_seaworthy triangulate --type=digest -- "$INPUT_IMAGE_REF"
digest=$(<"$into")
digest=${digest##*@}
[[ $digest =~ ^sha(256|512):[0-9a-f]{64,128}$ ]] || fail "The registry tells no digest of $INPUT_IMAGE_REF"
# Policies may ask for the tag, so it stays.
[[ ${INPUT_IMAGE_REF##*/} == *:* ]] || INPUT_IMAGE_REF+=:latest
printf 'image=%s@%s\n' "$INPUT_IMAGE_REF" "$digest" >>"$GITHUB_OUTPUT"
