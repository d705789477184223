import { tableName } from './ruleset.ts';

/** Where the ruleset lies on a node. */
export const rulesetPath = '/etc/seaworthy/egress.nft';

/** Where the script lies on a node. */
export const scriptPath = '/usr/local/sbin/seaworthy-egress';

/**
 * A script that puts the ruleset in force, and takes it away again unless somebody who still reaches the node confirms it. The timer runs
 * before the rules do. Each attempt has a token of its own, so that an old timer ends no later attempt.
 */
export function rollbackScript(rollbackMs: number): string {
  const seconds = Math.ceil(rollbackMs / 1000);
  return `#!/bin/sh
# seaworthy-egress apply | confirm | remove
# "apply" takes the rules away again after ${seconds} seconds unless "confirm" comes before. Only the table ${tableName} is touched.
set -eu
ruleset=${rulesetPath}
pending=/run/seaworthy-egress.pending
unit=seaworthy-egress-rollback

remove() {
  if nft list table ${tableName} >/dev/null 2>&1; then nft delete table ${tableName}; fi
}

case "\${1:-}" in
apply)
  nft -c -f "$ruleset"
  token="$$-$(date +%s)"
  printf '%s\\n' "$token" >"$pending"
  if command -v systemd-run >/dev/null 2>&1 && systemd-run --quiet --collect --unit="$unit-$token" --on-active=${seconds} "$0" expire "$token"; then
    :
  else
    nohup sh -c "sleep ${seconds}; exec '$0' expire '$token'" >/dev/null 2>&1 &
  fi
  nft -f "$ruleset"
  echo "in force; run '$0 confirm' within ${seconds} seconds, or they are taken away"
  ;;
confirm)
  rm -f "$pending"
  echo "confirmed; they stay until '$0 remove' or the next start of the node"
  ;;
expire)
  if [ -n "\${2:-}" ] && [ "$(cat "$pending" 2>/dev/null || true)" = "$2" ]; then
    remove
    rm -f "$pending"
  fi
  ;;
remove)
  rm -f "$pending"
  remove
  ;;
*)
  echo "usage: $0 apply | confirm | remove" >&2
  exit 2
  ;;
esac
`;
}
