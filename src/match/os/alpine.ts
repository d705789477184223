import type { Distro } from '../../package/distro.ts';
import { exactly, type OsRule } from './rule.ts';

/** Alpine: the security database names origins and the versions of their aports. */
export const alpine: OsRule = {
  id: 'alpine',
  distros: ['alpine'],
  packageType: 'apk',
  ecosystem: 'Alpine',
  name: 'source',
  version: 'source',
  releases: (distro, known) => exactly(known, branchOf(distro)),
};

/**
 * The branch that packages come from. What `etc/apk/repositories` names counts more than the release file: the highest
 * branch wins, and `edge` beats all, since apk takes the newest package of any.
 */
function branchOf({ version, repositories = [] }: Distro): string {
  let highest: readonly [number, number] | undefined;
  for (const repository of repositories) {
    if (repository === 'edge') return 'edge';
    const [, major, minor] = /^v(\d{1,6})\.(\d{1,6})$/.exec(repository) ?? [];
    if (major === undefined || minor === undefined) continue;
    const branch = [Number(major), Number(minor)] as const;
    const isHigher =
      highest === undefined || branch[0] > highest[0] || (branch[0] === highest[0] && branch[1] > highest[1]);
    if (isHigher) highest = branch;
  }
  if (highest !== undefined) return `v${highest[0]}.${highest[1]}`;
  // Snapshots of the development branch call themselves `3.20_alpha20240329`.
  if (version.includes('_alpha') || version === 'edge') return 'edge';
  const numbers = /^(\d+)\.(\d+)/.exec(version);
  return numbers === null ? '' : `v${numbers[1]}.${numbers[2]}`;
}
