import { type Coordinates, cleanId, cleanVersion } from './coordinates.ts';
import type { Descriptor } from './descriptor.ts';
import { type NamedArtifact, parseFileName } from './file-name.ts';
import { findGroup } from './group.ts';
import type { Manifest } from './manifest.ts';

/** What an archive is, and the descriptor that says so, if it is one. */
export interface Identity extends Coordinates {
  readonly descriptor?: Descriptor;
}

/** Attributes that give the version, the more telling first. */
const versionAttributes = [
  'plugin-version',
  'implementation-version',
  'specification-version',
  'bundle-version',
] as const;

/** Attributes that may give the artifact; free text in them is passed over. */
const artifactAttributes = ['short-name', 'implementation-title', 'extension-name', 'bundle-name'] as const;

/**
 * Says what an archive itself is, by the first that tells: the descriptor that its file name or manifest points to, its
 * file name (`artifact-version`), its manifest. An archive without any version is no package.
 *
 * @param stem the file name without folder and extension
 */
export function identify(stem: string, manifest: Manifest, descriptors: readonly Descriptor[]): Identity | undefined {
  const named = parseFileName(stem);
  const descriptor = ownDescriptor(stem, named, manifest, descriptors);
  if (descriptor !== undefined) {
    const { group, artifact, version } = descriptor;
    return { group, artifact, version, descriptor };
  }
  const version = named.version ?? manifestVersion(manifest);
  const artifact = cleanId(
    named.version === undefined ? (manifestArtifact(manifest) ?? named.artifact) : named.artifact,
  );
  if (artifact === undefined || version === undefined) return undefined;
  const group = findGroup(artifact, manifest);
  return group === undefined ? { artifact, version } : { group, artifact, version };
}

/** Of the descriptors in an archive, which may be those of everything that was merged into it, its own. */
function ownDescriptor(
  stem: string,
  named: NamedArtifact,
  manifest: Manifest,
  descriptors: readonly Descriptor[],
): Descriptor | undefined {
  const pick = (test: (each: Descriptor) => boolean): Descriptor | undefined => descriptors.find(test);
  const byName =
    pick(({ artifact, version }) => stem === `${artifact}-${version}`) ??
    pick(({ artifact, version }) => stem.startsWith(`${artifact}-${version}-`)) ??
    pick(({ artifact }) => artifact === named.artifact || artifact === stem) ??
    // Servers rename plugins and bundles to `group.artifact-version`.
    pick(({ group, artifact }) => named.artifact === `${group}.${artifact}`);
  if (byName !== undefined) return byName;
  const version = manifestVersion(manifest);
  const names = manifestNames(manifest);
  const byManifest = descriptors.filter((each) => names.some((name) => isNameOf(name, each)));
  if (byManifest.length === 1) return byManifest[0];
  // The only descriptor of a renamed archive (`app.jar`) is its own, unless something says otherwise.
  const [only] = descriptors.length === 1 ? descriptors : [];
  if (only === undefined || named.version !== undefined) return undefined;
  const silent = version === undefined && manifestArtifact(manifest) === undefined;
  return silent || version === only.version ? only : undefined;
}

function manifestNames(manifest: Manifest): string[] {
  return ['bundle-symbolicname', ...artifactAttributes]
    .map((attribute) => manifest.get(attribute)?.split(';')[0]?.trim())
    .filter((name) => name !== undefined);
}

function isNameOf(name: string, { group, artifact }: Descriptor): boolean {
  return name === artifact || name === `${group}.${artifact}` || name === `${group}:${artifact}`;
}

function manifestVersion(manifest: Manifest): string | undefined {
  for (const attribute of versionAttributes) {
    // A build's number or date may follow: `1.7.0 (2016-04-01)`.
    const version = cleanVersion(manifest.get(attribute)?.split(/\s/)[0]);
    if (version !== undefined && /^[vr]?\d/.test(version)) return version;
  }
  return undefined;
}

function manifestArtifact(manifest: Manifest): string | undefined {
  for (const attribute of artifactAttributes) {
    const name = cleanId(manifest.get(attribute));
    // One plain word such as `Kernel` is a title as often as a name; artifacts are in lower case.
    if (name !== undefined && name === name.toLowerCase() && /^[a-z]/.test(name)) return name;
  }
  return undefined;
}
