#!/usr/bin/env bash
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

entries "$INPUT_POLICY"
if [[ ${#found[@]} -eq 0 ]]; then exit 0; fi
[[ -n $INPUT_IMAGE_REF ]] || fail 'Name the image that the policies are about with image-ref'
args=()
for one in "${found[@]}"; do args+=("--policy=$one"); done
run_seaworthy policy check "${args[@]}" -- "$INPUT_IMAGE_REF"
