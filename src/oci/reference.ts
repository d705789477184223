import { isDigest } from './digest.ts';
import type { Digest } from './digest.ts';
import { OciError } from './error.ts';

/** Names an image in a registry, with everything that the short forms leave out filled in. */
export interface Reference {
  /** `host` or `host:port`; Docker Hub is `docker.io`, however it was written. */
  readonly registry: string;
  /** The path in the registry: `library/nginx`. */
  readonly repository: string;
  /** `latest` when neither a tag nor a digest was written. */
  readonly tag?: string;
  /** Decides over the tag when both are there. */
  readonly digest?: Digest;
}

/** The registry that names without a host belong to. */
export const dockerHub = 'docker.io';

/** All hosts by which it is reached and called. */
export const dockerHubHosts: readonly string[] = ['index.docker.io', 'registry-1.docker.io', dockerHub];

/** Longest repository path (distribution/reference, `RepositoryNameTotalLengthMax`). */
const maxRepositoryLength = 255;

/** Longer texts cannot be references: registry, repository, tag and digest all have their bounds. */
const maxTextLength = 1024;

const domainPattern =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::[0-9]{1,5})?$/i;
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * Reads an image reference and normalises it as Docker does: `nginx` is `docker.io/library/nginx:latest`.
 * The grammar is that of distribution/reference; the first part is a registry when it has a dot, a colon or an
 * upper-case letter, or is `localhost`.
 *
 * @throws OciError REFERENCE_INVALID
 */
export function parseReference(text: string): Reference {
  if (text === '' || text.length > maxTextLength) throw invalid(text, 'it is empty or far too long');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, 'what follows the @ is not a digest');
  const { registry, rest } = splitRegistry(at < 0 ? text : text.slice(0, at));
  if (!domainPattern.test(registry)) throw invalid(text, `"${clip(registry)}" is not a registry's host`);
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid(text, `"${clip(tag)}" is not a tag`);
  const repository = registry === dockerHub && !path.includes('/') ? `library/${path}` : path;
  checkRepository(text, repository);
  if (digest === undefined) return { registry, repository, tag: tag ?? 'latest' };
  return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest };
}

/**
 * Reads the host of a registry, as it stands before the first slash of a reference.
 *
 * @throws OciError REFERENCE_INVALID
 */
export function parseRegistryHost(text: string): string {
  if (text.length <= maxTextLength && domainPattern.test(text)) {
    return text === 'index.docker.io' ? dockerHub : text;
  }
  const sentence = `"${clip(text)}" is not a registry's host; write HOST or HOST:PORT, such as registry.example.org`;
  throw new OciError('REFERENCE_INVALID', sentence);
}

/** True for what may stand behind the colon of a reference. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** True for what may stand between a registry's host and the colon of a reference. */
export function isRepositoryPath(text: string): boolean {
  if (text.length > maxRepositoryLength) return false;
  return text.split('/').every((component) => componentPattern.test(component));
}

/** The full form: `docker.io/library/nginx:1.27@sha256:…`. `parseReference` of it gives the same reference. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The short form that people write: Docker Hub's host and `library/` are left out. */
export function familiarReference(reference: Reference): string {
  return `${familiarRepository(reference)}${suffix(reference)}`;
}

/** Registry and repository in the short form, without tag and digest: `nginx`, `ghcr.io/org/app`. */
export function familiarRepository(reference: Reference): string {
  if (reference.registry !== dockerHub) return `${reference.registry}/${reference.repository}`;
  const short = reference.repository.replace(/^library\//, '');
  // "library/a/b" must keep its first part, and what would read as a host must keep its own.
  const ambiguous = short.includes('/') && (short !== reference.repository || readsAsRegistry(short));
  return ambiguous ? `${dockerHub}/${reference.repository}` : short;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitRegistry(name: string): { readonly registry: string; readonly rest: string } {
  if (!readsAsRegistry(name)) return { registry: dockerHub, rest: name };
  const slash = name.indexOf('/');
  const registry = name.slice(0, slash);
  return { registry: registry === 'index.docker.io' ? dockerHub : registry, rest: name.slice(slash + 1) };
}

function readsAsRegistry(name: string): boolean {
  const slash = name.indexOf('/');
  if (slash < 0) return false;
  const first = name.slice(0, slash);
  return /[.:A-Z]/.test(first) || first === 'localhost';
}

function checkRepository(text: string, repository: string): void {
  if (repository.length > maxRepositoryLength) {
    throw invalid(text, `its repository is longer than ${maxRepositoryLength} characters`);
  }
  if (/[A-Z]/.test(repository)) throw invalid(text, 'a repository is written in lower case');
  if (!repository.split('/').every((component) => componentPattern.test(component))) {
    throw invalid(text, `"${clip(repository)}" is not a repository`);
  }
  // Docker reads 64 hex digits as an image id, so it never lets a repository be named like one.
  if (/^library\/[a-f0-9]{64}$/.test(repository)) throw invalid(text, 'it is an image id, which no registry knows');
}

function invalid(text: string, why: string): OciError {
  return new OciError(
    'REFERENCE_INVALID',
    `"${clip(text)}" is not an image reference: ${why}; write it as [HOST/]REPOSITORY[:TAG][@DIGEST]`,
  );
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
