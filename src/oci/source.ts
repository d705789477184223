import { OciError } from './error.ts';
import { parseReference } from './reference.ts';
import type { Reference } from './reference.ts';

/** Where an image is to be taken from, as a user says it on a command line. */
export type ImageSource =
  | { readonly kind: 'registry'; readonly reference: Reference }
  /** `name` is a reference or an image id, for the daemon to resolve. */
  | { readonly kind: 'docker' | 'podman'; readonly name: string }
  /** `path` may carry `:TAG` or `@DIGEST`: see `splitSelectedPath`. */
  | { readonly kind: 'docker-archive' | 'oci-archive' | 'oci-dir'; readonly path: string }
  /** An unpacked file system, or a folder of files. */
  | { readonly kind: 'dir'; readonly path: string }
  /** A folder of source code, or one lock file. */
  | { readonly kind: 'fs'; readonly path: string };

/**
 * Reads `[PREFIX:]TEXT`. Text without a known prefix is a registry reference, so an image that is named like a prefix
 * needs its host: `docker.io/docker:27`.
 *
 * @throws OciError REFERENCE_INVALID
 */
export function parseSource(text: string): ImageSource {
  const colon = text.indexOf(':');
  const prefix = colon < 0 ? '' : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (prefix) {
    case 'registry':
      return { kind: prefix, reference: parseReference(named(prefix, rest)) };
    case 'docker':
    case 'podman':
      return { kind: prefix, name: named(prefix, rest) };
    case 'docker-archive':
    case 'oci-archive':
    case 'oci-dir':
    case 'dir':
    case 'fs':
      return { kind: prefix, path: named(prefix, rest) };
    default:
      if (text === '') throw invalid('The name of the image is empty; write it as [HOST/]REPOSITORY[:TAG][@DIGEST]');
      if (isPath(text)) {
        throw invalid(
          `"${text.slice(0, 100)}" is a path, not an image reference; put docker-archive:, oci-archive:, oci-dir:, dir: or fs: before it`,
        );
      }
      return { kind: 'registry', reference: parseReference(named('', text)) };
  }
}

/** No reference begins like these; whoever writes one means a file. */
function isPath(text: string): boolean {
  return /^(?:\.{0,2}|~)\//.test(text) && !text.startsWith('//');
}

function named(prefix: string, rest: string): string {
  if (rest === '') throw invalid(`Nothing follows "${prefix}:"; write what to open after it`);
  const scheme = /^(?:[a-z-]+:)?\/\/(.*)$/.exec(rest);
  const isAddress = prefix === '' || prefix === 'registry' || prefix === 'docker' || prefix === 'podman';
  if (scheme !== null && isAddress) {
    throw invalid(`An image is named without "//"; write registry:${(scheme[1] as string).slice(0, 100)}`);
  }
  return rest;
}

function invalid(message: string): OciError {
  return new OciError('REFERENCE_INVALID', message);
}
