import type { Artifact } from '../../finding/scan-report.ts';
import { OciError } from '../../oci/error.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { type ImageSource, parseSource } from '../../oci/source.ts';
import { ConfigError } from '../config/error.ts';

/** An image as the user named it. */
export interface GivenImage {
  readonly name: string;
  readonly source: ImageSource;
}

/**
 * Reads the name of an image.
 *
 * @param defaultRegistry where names without a host belong
 * @throws OciError REFERENCE_INVALID; ConfigError SETTING_INVALID for a folder
 */
export function readImageName(name: string, defaultRegistry: string | undefined): GivenImage {
  const source = parseSource(name);
  if (source.kind === 'dir' || source.kind === 'fs') {
    throw new ConfigError('SETTING_INVALID', `${name} is a folder, and policies are about images; name an image`);
  }
  if (source.kind !== 'registry' || defaultRegistry === undefined) return { name, source };
  const text = name.startsWith('registry:') ? name.slice('registry:'.length) : name;
  if (hasHost(text)) return { name, source };
  return { name, source: { kind: 'registry', reference: parseReference(`${defaultRegistry}/${text}`) } };
}

/** As for the parser of references: a host has a dot, a colon or a capital, or is `localhost`. */
function hasHost(text: string): boolean {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  return slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
}

/**
 * What policies call an image that is in no registry: what the user says, else what a daemon was asked for, else the tag that stands in
 * a file.
 *
 * @throws ConfigError SETTING_INVALID for one without a name; OciError REFERENCE_INVALID for a name that is none
 */
export function nameLocally({ name, source }: GivenImage, { image }: Artifact, as: string | undefined): Reference {
  if (as !== undefined) return parseReference(as);
  const asked = source.kind === 'docker' || source.kind === 'podman' ? [source.name] : [];
  for (const text of [...asked, ...(image?.repoTags ?? [])]) {
    // Of an image id, its first tag says more.
    if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(text)) continue;
    try {
      return parseReference(text);
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
    }
  }
  throw new ConfigError('SETTING_INVALID', `${name} has no name that policies could mean; give it one with --as`);
}
