#!/usr/bin/env bash
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if ! is_on INPUT_SIGN; then exit 0; fi
[[ -n $INPUT_IMAGE_REF ]] || fail 'Name the image to sign with image-ref'
args=(--yes)
[[ -z $INPUT_SIGN_KEY ]] || args+=("--key=$INPUT_SIGN_KEY")
while IFS= read -r one; do
  [[ -z $one ]] || args+=("$one")
done <<<"$INPUT_SIGN_ARGS"
run_seaworthy sign "${args[@]}" -- "$INPUT_IMAGE_REF"
