import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Writes `SHA256SUMS`, as sha256sum checks it, and the lines of the GitHub Action. */
export function writeChecksums(out: string, version: string, files: readonly string[]): string {
  const sums = files.map(
    (file) => [createHash('sha256').update(readFileSync(file)).digest('hex'), basename(file)] as const,
  );
  const path = join(out, 'SHA256SUMS');
  writeFileSync(path, sums.map(([sum, name]) => `${sum}  ${name}\n`).join(''));
  const single = sums.flatMap(([sum, name]) => {
    const target = /^seaworthy-((?:linux|darwin)-(?:x64|arm64))$/.exec(name)?.[1];
    return target === undefined ? [] : [`${version} ${target} ${sum}\n`];
  });
  writeFileSync(join(out, 'github-action-checksums.txt'), single.join(''));
  return path;
}
