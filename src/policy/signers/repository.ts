import { OciError } from '../../oci/error.ts';
import { parseReference } from '../../oci/reference.ts';

/** A repository with its host, in which signatures lie: `ghcr.io/org/signatures`. Undefined for what is none, or has a tag. */
export function repositoryOf(text: string): string | undefined {
  try {
    const { registry, repository, tag, digest } = parseReference(text);
    return digest === undefined && tag === 'latest' && !text.endsWith(':latest')
      ? `${registry}/${repository}`
      : undefined;
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

/** What stands before the tags of signatures: a tag itself may begin with it. */
export function isTagPrefix(text: string): boolean {
  return /^\w[\w.-]{0,50}$/.test(text);
}
