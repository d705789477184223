import type { Artifact } from '../../finding/scan-report.ts';
import { isDigest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import type { Platform } from '../../oci/platform.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { PackageUrl } from '../../package/package-url.ts';
import { purlOrNone } from './document.ts';

/** Everything that an image goes by. */
export interface ImageNames {
  /** Of its manifest, and of indexes that lead to it. */
  readonly digests: ReadonlySet<string>;
  /** Tags by repository, `docker.io/library/nginx`; empty where no registry is known to have it. */
  readonly repositories: ReadonlyMap<string, ReadonlySet<string>>;
  readonly platform?: Platform;
}

/** What is known of the names of what was scanned; undefined when it is no image, nor a list of what is in one. */
export function imageNamesOf({ image, document }: Artifact): ImageNames | undefined {
  const facts = image ?? document?.subject;
  if (facts === undefined) return undefined;
  const digests = new Set<string>(facts.manifestDigest === undefined ? [] : [facts.manifestDigest]);
  const repositories = new Map<string, Set<string>>();
  for (const text of [...facts.repoDigests, ...facts.repoTags]) {
    const reference = referenceOf(text);
    if (reference === undefined) continue;
    const tags = repositories.get(repositoryOf(reference)) ?? new Set<string>();
    repositories.set(repositoryOf(reference), tags);
    if (reference.digest !== undefined) digests.add(reference.digest);
    else if (reference.tag !== undefined) tags.add(reference.tag);
  }
  addPurl(document?.subject.purl, digests, repositories);
  if (digests.size === 0 && repositories.size === 0) return undefined;
  return { digests, repositories, ...(facts.platform === undefined ? {} : { platform: facts.platform }) };
}

/**
 * True when the package URL of a statement speaks of an image (purl-spec, types/oci: the name is the last part of the repository, the version a
 * digest, and `repository_url` the whole repository). Where no registry is known to have the image, its digest decides alone. A
 * digest says all about the bytes, so that a tag beside it decides nothing.
 */
export function purlSpeaksOfImage(stated: PackageUrl, { digests, repositories, platform }: ImageNames): boolean {
  const { type, name, version, qualifiers } = stated;
  if (type !== 'oci' || (version !== undefined && !digests.has(version))) return false;
  const { arch, os, tag, repository_url: url, ...others } = qualifiers;
  if (Object.keys(others).length > 0) return false;
  if (arch !== undefined && arch !== platform?.architecture) return false;
  if (os !== undefined && os !== platform?.os) return false;
  if (repositories.size === 0) return version !== undefined;
  return repositories.entries().some(([repository, tags]) => {
    if (repository.slice(repository.lastIndexOf('/') + 1) !== name) return false;
    if (version === undefined && tag !== undefined && !tags.has(tag)) return false;
    if (url === undefined) return true;
    // Older tools leave the name out of the address; then only a digest tells for sure which is meant.
    return isAt(url, repository) || (version !== undefined && isAt(`${url.replace(/\/+$/, '')}/${name}`, repository));
  });
}

/** Of a bill of materials, the package URL may be all that tells where its image lies. */
function addPurl(text: string | undefined, digests: Set<string>, repositories: Map<string, Set<string>>): void {
  const purl = purlOrNone(text ?? '');
  if (purl?.type !== 'oci' || purl.version === undefined || !isDigest(purl.version)) return;
  digests.add(purl.version);
  const reference = referenceOf(purl.qualifiers['repository_url'] ?? '');
  if (reference !== undefined && !repositories.has(repositoryOf(reference))) {
    repositories.set(repositoryOf(reference), new Set());
  }
}

function isAt(url: string, repository: string): boolean {
  const reference = referenceOf(url.replace(/^(?:https?|oci):\/\//, '').replace(/\/+$/, ''));
  return reference !== undefined && repositoryOf(reference) === repository;
}

function repositoryOf({ registry, repository }: Reference): string {
  return `${registry}/${repository}`;
}

function referenceOf(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}
