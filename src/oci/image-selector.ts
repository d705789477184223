import { existsSync } from 'node:fs';
import type { Descriptor } from './descriptor.ts';
import { isDigest } from './digest.ts';
import type { Digest } from './digest.ts';
import { familiarReference, formatReference, parseReference } from './reference.ts';
import { OciError } from './error.ts';

/** Which image of several in one file or directory is meant: by a tag or name, or by a digest. */
export interface ImageSelector {
  readonly tag?: string;
  readonly digest?: Digest;
}

/** A path with what follows it. */
export interface SelectedPath {
  readonly path: string;
  readonly selector: ImageSelector;
}

/**
 * Splits `PATH[:TAG][@DIGEST]`. Paths may have colons themselves, so what exists decides: the longest path that does
 * wins, and the whole text is the path when nothing does.
 *
 * @param exists for tests
 */
export function splitSelectedPath(text: string, exists: (path: string) => boolean = existsSync): SelectedPath {
  if (exists(text)) return { path: text, selector: {} };
  const at = text.lastIndexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = digest !== undefined && isDigest(digest) ? { digest } : {};
  const rest = named.digest === undefined ? text : text.slice(0, at);
  if (named.digest !== undefined && exists(rest)) return { path: rest, selector: named };
  for (let colon = rest.lastIndexOf(':'); colon > 0; colon = rest.lastIndexOf(':', colon - 1)) {
    const path = rest.slice(0, colon);
    if (exists(path)) return { path, selector: { tag: rest.slice(colon + 1), ...named } };
  }
  return { path: text, selector: {} };
}

/** True when `name` (a full reference, a short one, or a bare tag) is what `tag` asks for. */
export function namesMatch(tag: string, name: string): boolean {
  if (tag === name) return true;
  const full = fullName(name);
  if (full === undefined) return false;
  return full === fullName(tag) || (!/[:/]/.test(tag) && full.endsWith(`:${tag}`));
}

/** The names of a layout's entry: containerd's full one, and the one that the specification describes. */
export function entryNames({ annotations }: Descriptor): readonly string[] {
  const names = [annotations?.['io.containerd.image.name'], annotations?.['org.opencontainers.image.ref.name']];
  return names.filter((name) => name !== undefined && name !== '') as string[];
}

/** The names among these that are whole references, in the short form that people write. */
export function repoTagsOf(names: readonly string[]): readonly string[] {
  const tags = names.filter((name) => /[:/]/.test(name)).map(familiarName);
  return [...new Set(tags.filter((tag) => tag !== undefined))];
}

/** The error for a choice that the user has to make. */
export function ambiguous(choices: readonly string[]): OciError {
  const shown = choices.slice(0, 20).join(', ') + (choices.length > 20 ? ` and ${choices.length - 20} more` : '');
  return new OciError(
    'IMAGE_AMBIGUOUS',
    `There are ${choices.length} images here; add one of them to the path: ${shown}`,
  );
}

/** The error for a choice that is not there. */
export function notFound({ tag, digest }: ImageSelector, choices: readonly string[]): OciError {
  const asked = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`.slice(0, 200);
  const there = choices.length === 0 ? 'no name' : choices.slice(0, 20).join(', ');
  return new OciError('IMAGE_NOT_FOUND', `There is no image ${asked} here; there is ${there}`);
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch {
    return undefined;
  }
}

function familiarName(name: string): string | undefined {
  try {
    return familiarReference(parseReference(name));
  } catch {
    return undefined;
  }
}
