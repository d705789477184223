import type { Distro } from './distro.ts';
import type { PackageUrl } from './package-url.ts';

/**
 * Names that producers write in purls for what os-release calls otherwise: purl namespaces (`redhat`), and the family
 * names of Trivy's `distro` qualifier and operating-system component.
 */
const osReleaseIds: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['alma', 'almalinux'],
  ['oracle', 'ol'],
  ['amazon', 'amzn'],
  ['suse', 'sles'],
  ['suse linux enterprise server', 'sles'],
  ['suse linux enterprise micro', 'sl-micro'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['cbl-mariner', 'mariner'],
]);

const osTypes: ReadonlySet<string> = new Set(['apk', 'deb', 'opkg', 'rpm']);

/** The `ID` that os-release has for a distribution that an SBOM names in its producer's way. */
export function osReleaseId(name: string): string {
  const lower = name.trim().toLowerCase();
  return osReleaseIds.get(lower) ?? lower;
}

/**
 * What a purl says of the distribution: its `distro` qualifier as Syft (`debian-12`), Trivy (`3.19.1`) and the
 * specification's examples (`jessie`) write it, else the namespace of an OS package.
 */
export function distroOfPurl(url: PackageUrl): Distro | undefined {
  const namespace = osTypes.has(url.type) ? url.namespace : undefined;
  const id = namespace === undefined ? undefined : osReleaseId(namespace);
  const qualifier = url.qualifiers['distro'];
  if (qualifier === undefined) return id === undefined ? undefined : { id, version: '', idLike: [] };

  if (/^\d/.test(qualifier)) return id === undefined ? undefined : { id, version: firstWord(qualifier), idLike: [] };
  const dash = qualifier.search(/-\d/);
  if (dash > 0) {
    return { id: osReleaseId(qualifier.slice(0, dash)), version: firstWord(qualifier.slice(dash + 1)), idLike: [] };
  }
  if (id === undefined || osReleaseId(qualifier) === id) {
    return { id: osReleaseId(qualifier), version: '', idLike: [] };
  }
  const word = qualifier.startsWith(`${id}-`) ? qualifier.slice(id.length + 1) : qualifier;
  // A word without a number is a codename where releases have one (`jessie`), a branch in Alpine (`alpine-edge`), and
  // part of the id of rolling rpm distributions (`opensuse-tumbleweed`).
  if (url.type === 'deb') return { id, version: '', codename: word, idLike: [] };
  if (url.type === 'apk' && word !== qualifier) return { id, version: word, idLike: [] };
  return { id: osReleaseId(qualifier), version: '', idLike: [] };
}

/** Trivy writes Amazon's `VERSION` (`2 (Karoo)`) where os-release has `2`. */
function firstWord(text: string): string {
  return text.split(' ', 1)[0] as string;
}
