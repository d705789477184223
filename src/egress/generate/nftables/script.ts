import { tableName } from './ruleset.ts';

/** Where the ruleset lies on a node. */
export const rulesetPath = '/etc/seaworthy/egress.nft';

/** Where the script lies on a node. */
export const scriptPath = '/usr/local/sbin/seaworthy-egress';

/**
 * A script that puts the ruleset in force, and takes it back again unless somebody who still reaches the node confirms it: to the rules
 * that were confirmed before, or to none. The timer runs before the rules do. Each attempt leaves a file with a token of its own, and
 * whoever removes that file decides: the timer or the person, never both, and never a timer of an earlier attempt.
 */
export function rollbackScript(rollbackMs: number): string {
  const seconds = Math.ceil(rollbackMs / 1000);
  return `#!/bin/sh
# seaworthy-egress apply | confirm | remove
# "apply" takes the rules back after ${seconds} seconds unless "confirm" comes before. Only the table ${tableName} is touched.
set -eu
umask 077
ruleset=${rulesetPath}
pending=/run/seaworthy-egress.pending
before=/run/seaworthy-egress.before
unit=seaworthy-egress-rollback
self=$(readlink -f "$0")

in_force() {
  nft list table ${tableName} >/dev/null 2>&1
}

remove() {
  if in_force; then nft delete table ${tableName}; fi
}

# The rules of before; none where there were none, or where they cannot be had back: whoever is locked out waits for this.
back() {
  if [ ! -s "$before" ] || ! nft -f "$before"; then remove; fi
}

case "\${1:-}" in
apply)
  nft -c -f "$ruleset"
  # Rules that nobody confirmed are not what anybody wants back.
  if ! ls "$pending".* >/dev/null 2>&1; then
    rm -f "$before"
    if in_force; then
      { printf 'table ${tableName}\\ndelete table ${tableName}\\n'; nft -s list table ${tableName}; } >"$before.new"
      mv "$before.new" "$before"
    fi
  fi
  token="$$-$(date +%s)"
  rm -f "$pending".*
  : >"$pending.$token"
  if command -v systemd-run >/dev/null 2>&1 && systemd-run --quiet --collect --unit="$unit-$token" --on-active=${seconds} --timer-property=AccuracySec=1s "$self" expire "$token"; then
    :
  else
    nohup sh -c 'sleep "$1"; exec "$2" expire "$3"' sh ${seconds} "$self" "$token" >/dev/null 2>&1 &
  fi
  nft -f "$ruleset"
  # The timer may have ended meanwhile, and found nothing to take back.
  if [ ! -e "$pending.$token" ]; then
    back
    echo "the time was over before the rules were in force; they were taken back" >&2
    exit 1
  fi
  echo "in force; run '$self confirm' within ${seconds} seconds, or they are taken back"
  ;;
confirm)
  for file in "$pending".*; do
    if rm "$file" 2>/dev/null && in_force; then
      rm -f "$before"
      echo "confirmed; they stay until '$self remove' or the next start of the node"
      exit 0
    fi
  done
  echo "nothing waits for confirmation: the rules were confirmed, or taken back already; run '$self apply'" >&2
  exit 1
  ;;
expire)
  if [ -n "\${2:-}" ] && rm "$pending.$2" 2>/dev/null; then
    back
  fi
  ;;
remove)
  rm -f "$pending".* "$before"
  remove
  ;;
*)
  echo "usage: $0 apply | confirm | remove" >&2
  exit 2
  ;;
esac
`;
}
