import { resolve } from 'node:path';
import { isTag, parseReference, type Reference } from '../../oci/reference.ts';
import { ConfigError } from '../config/error.ts';
import type { BuildFlags } from './flags.ts';

/** A place on this machine for an image. */
export interface LocalTarget {
  readonly kind: 'oci-dir' | 'oci-archive' | 'docker-archive';
  readonly path: string;
  /** As it was written. */
  readonly name: string;
}

/** Where an image goes. */
export interface BuildTargets {
  readonly local: readonly LocalTarget[];
  /** A repository, and the tags that are to name the image there. */
  readonly push?: { readonly reference: Reference; readonly tags: readonly string[] };
  /** What it is called in files. */
  readonly names: readonly ImageName[];
}

/** A tag alone, or a whole name. */
export type ImageName = { readonly tag: string; readonly reference?: Reference };

/** @throws ConfigError SETTING_INVALID, OciError REFERENCE_INVALID */
export function readTargets(flags: BuildFlags, cwd: string): BuildTargets {
  const local = flags.output.map((text) => parseLocal(text, cwd));
  const twice = local.find(({ path }, at) => local.findIndex((other) => other.path === path) !== at);
  if (twice !== undefined) throw wrong(`${twice.name} is named twice; give each -o a place of its own`);
  if (local.length === 0 && flags.push === undefined) {
    throw wrong('Nothing says where the image goes; add -o oci-dir:DIR, or --push HOST/REPOSITORY:TAG');
  }
  const given = flags.tag.map(parseName);
  if (flags.push === undefined) {
    requireNames(local, given);
    return { local, names: given };
  }
  const reference = parseReference(flags.push);
  if (reference.digest !== undefined) {
    throw wrong('What is built has a digest of its own; name a repository with --push, with or without a tag');
  }
  const foreign = given.find((name) => name.reference !== undefined);
  if (foreign !== undefined)
    throw wrong('With --push, --tag takes tags alone, such as 1.4; the repository is that of --push');
  // A name without a tag means "latest" only where no other tag is given.
  const named = /:[^/]*$/.test(flags.push) || given.length === 0 ? [reference.tag ?? 'latest'] : [];
  const tags = [...new Set([...named, ...given.map(({ tag }) => tag)])];
  return {
    local,
    push: { reference, tags },
    names: tags.map((tag) => ({ tag, reference: { ...reference, tag } })),
  };
}

function parseLocal(text: string, cwd: string): LocalTarget {
  const colon = text.indexOf(':');
  const [word, path] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
  const kind = word === 'layout' ? 'oci-dir' : word;
  if (path !== '' && (kind === 'oci-dir' || kind === 'oci-archive' || kind === 'docker-archive')) {
    return { kind, path: resolve(cwd, path), name: text };
  }
  throw wrong(`-o takes oci-dir:DIR, oci-archive:FILE or docker-archive:FILE, not "${text.slice(0, 100)}"`);
}

/** A bare word is a tag, as it is behind a colon. */
function parseName(text: string): ImageName {
  if (isTag(text)) return { tag: text };
  const reference = parseReference(text);
  if (reference.digest === undefined) return { tag: reference.tag ?? 'latest', reference };
  throw wrong(`--tag takes a tag or a name with one, not a digest`);
}

function requireNames(local: readonly LocalTarget[], names: readonly ImageName[]): void {
  const bare = names.find(({ reference }) => reference === undefined);
  if (bare === undefined || !local.some(({ kind }) => kind === 'docker-archive')) return;
  throw wrong(
    `docker-archive: needs whole names; write --tag app:${bare.tag}, with the name that "docker load" is to give`,
  );
}

function wrong(message: string): ConfigError {
  return new ConfigError('SETTING_INVALID', message);
}
