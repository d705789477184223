#!/usr/bin/env bash
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if is_on INPUT_SKIP_DB_UPDATE; then exit 0; fi
# Configuration is checked without a database.
if [[ $INPUT_SCAN_TYPE == config ]]; then exit 0; fi
run_seaworthy db update --quiet
