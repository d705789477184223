#!/usr/bin/env bash
# Brings the single file of one version and puts it on the path, once its checksum is the one that is pinned here or by the workflow.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

here=$(dirname "${BASH_SOURCE[0]}")
[[ $INPUT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "version is one such as 1.2.3, and not $INPUT_VERSION"

case "$(uname -s) $(uname -m)" in
'Linux x86_64') target=linux-x64 ;;
'Linux aarch64') target=linux-arm64 ;;
'Darwin x86_64') target=darwin-x64 ;;
'Darwin arm64') target=darwin-arm64 ;;
*) fail "There is no single file for $(uname -s) on $(uname -m); take a runner with Linux or macOS" ;;
esac

# Lines of `VERSION TARGET SHA-256`; a checksum of the workflow stands above them.
expected=$(tr 'A-F' 'a-f' <<<"$INPUT_CHECKSUM")
if [[ -z $expected ]]; then
  while read -r version at checksum; do
    if [[ $version == "$INPUT_VERSION" && $at == "$target" ]]; then expected=$checksum; fi
  done <"$here/checksums.txt"
fi
[[ -z $INPUT_CHECKSUM || $expected =~ ^[0-9a-f]{64}$ ]] || fail "checksum is a SHA-256 of 64 hexadecimal digits, and not $INPUT_CHECKSUM"
[[ $expected =~ ^[0-9a-f]{64}$ ]] ||
  fail "No checksum is known for version $INPUT_VERSION on $target; name one with the input checksum, or a version of checksums.txt"

folder=$(mktemp -d "$RUNNER_TEMP/seaworthy-XXXXXX")
file=$folder/seaworthy
case $INPUT_SOURCE in
https://*)
  curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --retry 3 --max-filesize 500000000 \
    --output "$file" -- "$INPUT_SOURCE/v$INPUT_VERSION/seaworthy-$target" || fail "Version $INPUT_VERSION could not be fetched from $INPUT_SOURCE"
  ;;
/*) cp -- "$INPUT_SOURCE/seaworthy-$target" "$file" || fail "There is no seaworthy-$target in $INPUT_SOURCE" ;;
*) fail "source is an address with https:// or a folder with a whole path, and not $INPUT_SOURCE" ;;
esac

if command -v sha256sum >/dev/null; then seen=$(sha256sum <"$file"); else seen=$(shasum -a 256 <"$file"); fi
seen=${seen%% *}
if [[ $seen != "$expected" ]]; then
  rm -rf -- "$folder"
  fail "seaworthy-$target has the checksum $seen, and not $expected; it was not run"
fi
chmod 0755 "$file"
printf '%s\n' "$folder" >>"$GITHUB_PATH"
