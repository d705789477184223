import type { ReleaseFields } from './distro.ts';

/** How a distribution's release file starts → its id in os-release. Longer names before those they start with. */
const products: readonly (readonly [string, string])[] = [
  ['red hat enterprise linux', 'rhel'],
  ['centos', 'centos'],
  ['rocky linux', 'rocky'],
  ['almalinux', 'almalinux'],
  ['oracle linux', 'ol'],
  ['fedora', 'fedora'],
  ['amazon linux', 'amzn'],
  ['scientific linux', 'scientific'],
  ['vmware photon', 'photon'],
  ['cbl-mariner', 'mariner'],
  ['microsoft azure linux', 'azurelinux'],
  ['suse linux enterprise server', 'sles'],
  ['suse linux enterprise desktop', 'sled'],
  ['opensuse', 'opensuse'],
];

/**
 * Reads the one-line files that came before os-release: `CentOS Linux release 7.9.2009 (Core)`, `Amazon Linux 2`,
 * `Red Hat Enterprise Linux Server release 6.10 (Santiago)`. Undefined for what names no known distribution.
 */
export function parseReleaseLine(text: string): ReleaseFields | undefined {
  const line = text.split('\n', 1)[0]?.slice(0, 500).trim() ?? '';
  const id = products.find(([start]) => line.toLowerCase().startsWith(start))?.[1];
  if (id === undefined) return undefined;
  return { id, version: /(?<= )\d+(?:\.\d+)*/.exec(line)?.[0], prettyName: line };
}

/**
 * Reads `SuSE-release`: as {@link parseReleaseLine}, then `VERSION = 11` and, for SLES, `PATCHLEVEL = 4`, which
 * together are what os-release later called `11.4`.
 */
export function parseSuseRelease(text: string): ReleaseFields | undefined {
  const fields = parseReleaseLine(text);
  const version = /^VERSION\s*=\s*([\d.]+)/m.exec(text)?.[1];
  if (fields === undefined || version === undefined) return fields;
  const patchLevel = /^PATCHLEVEL\s*=\s*(\d+)/m.exec(text)?.[1];
  const patched = patchLevel !== undefined && patchLevel !== '0' && !version.includes('.');
  return { ...fields, version: patched ? `${version}.${patchLevel}` : version };
}
