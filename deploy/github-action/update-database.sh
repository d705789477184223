#!/usr/bin/env bash
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if is_on INPUT_SKIP_DB_UPDATE; then exit 0; fi
run_seaworthy db update --quiet
