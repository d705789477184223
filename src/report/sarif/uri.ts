import { isSeaworthyError } from '../../base/error.ts';
import type { Artifact } from '../../finding/scan-report.ts';
import { parseReference } from '../../oci/reference.ts';
import { parseSource } from '../../oci/source.ts';

/** What a path is called that leaves nothing to name: a location needs a URI. */
const unnamed = 'image';

/**
 * A path as a relative URI reference (RFC 3986 §4.2): every segment percent-encoded, so that no part of it reads as a
 * scheme, query or fragment, nor as a step upwards.
 */
export function pathUri(path: string): string {
  const segments = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  return segments.map(encodeSegment).join('/') || unnamed;
}

function encodeSegment(segment: string): string {
  // Readers decode "%2E%2E" and climb all the same (RFC 3986 §6.2.2.2), so the segment gets a name of its own.
  return segment === '..' ? '__' : encodeURIComponent(segment.toWellFormed());
}

/**
 * Where findings about the distribution's packages are shown: an image's repository without host, tag and digest, so that an
 * alert outlives a new tag (as Trivy's, pkg/report/sarif.go) and, for an archive that tells its image's tags, a new place
 * on the disk. Of anything else its name.
 */
export function artifactPath({ name, type, image }: Artifact): string {
  if (type !== 'container_image') return name;
  const asked = repositoryOf(name);
  const own = [...(image?.repoTags ?? []), ...(image?.repoDigests ?? [])]
    .map(repositoryOf)
    .filter((each) => each !== undefined);
  // An image may have several names, and an archive's path can read as one: what was asked for counts when it is one.
  if (asked !== undefined && own.includes(asked)) return asked;
  return own[0] ?? asked ?? pathOf(name);
}

/** Undefined for what is no reference: an archive's path, an image id. */
function repositoryOf(name: string): string | undefined {
  try {
    const source = parseSource(name);
    if (source.kind === 'registry') return source.reference.repository;
    return 'name' in source ? parseReference(source.name).repository : undefined;
  } catch (error) {
    if (isSeaworthyError(error)) return undefined;
    throw error;
  }
}

function pathOf(name: string): string {
  return name.replace(/^(?:docker-archive|oci-archive|oci-dir|docker|podman):/, '');
}
