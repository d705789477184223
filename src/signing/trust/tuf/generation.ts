import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { CodecError } from '../../../codec/error.ts';

/** What was fetched of a TUF repository at one time: a folder of metadata and targets that is never changed. */
export interface Generation {
  /** The folder's name, beside the file that names it. */
  readonly folder: string;
  /** When the repository was last asked. */
  readonly refreshedAt: Date;
  /** When the repository's timestamp ends: older than that, a repository may be held back by somebody. */
  readonly expires: Date;
  /** SHA-256 in hex of each target that is there. */
  readonly targets: ReadonlyMap<string, string>;
}

const fileName = 'current.json';
const anchorName = 'first-root.json';

/** The generation that counts; undefined when there is none, or when what names it cannot be read. */
export async function readGeneration(repository: string): Promise<Generation | undefined> {
  try {
    const value = parseStrictJson(await readFile(join(repository, fileName))) as Readonly<
      Record<string, unknown>
    > | null;
    const { folder, refreshedAt, expires, targets } = value ?? {};
    if (typeof folder !== 'string' || !/^[a-z0-9-]+$/.test(folder)) return undefined;
    const generation = {
      folder,
      refreshedAt: new Date(String(refreshedAt)),
      expires: new Date(String(expires)),
      targets: new Map(Object.entries((targets ?? {}) as Record<string, string>)),
    };
    return Number.isNaN(generation.refreshedAt.getTime() + generation.expires.getTime()) ? undefined : generation;
  } catch (error) {
    if (error instanceof CodecError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** Makes a generation the one that counts, in one rename. */
export async function writeGeneration(repository: string, generation: Generation): Promise<void> {
  const { targets, ...rest } = generation;
  const text = JSON.stringify({ ...rest, targets: Object.fromEntries(targets) });
  await writeFileAtomic(join(repository, fileName), text, { durable: true });
}

/** Notes in a generation's folder which root metadata all of it is trusted by. */
export async function writeAnchor(generation: string, root: Uint8Array): Promise<void> {
  await writeFile(join(generation, anchorName), root);
}

/** Whether a generation was fetched under this root metadata: what another anchor vouched for does not count. */
export async function isAnchoredIn(
  root: Buffer,
  repository: string,
  { folder }: Pick<Generation, 'folder'>,
): Promise<boolean> {
  const anchor = await readFile(join(repository, folder, anchorName)).catch(() => undefined);
  return anchor?.equals(root) === true;
}

/** The generation that counts, where it was fetched under this root metadata. */
export async function readAnchored(root: Buffer, repository: string): Promise<Generation | undefined> {
  const last = await readGeneration(repository);
  return last !== undefined && (await isAnchoredIn(root, repository, last)) ? last : undefined;
}

/** Where a target of a generation lies. */
function targetPath(repository: string, { folder }: Pick<Generation, 'folder'>, name: string): string {
  return join(repository, folder, 'targets', encodeURIComponent(name));
}

/** A target's bytes, checked against what was noted when it was fetched; undefined where the repository has none. */
export async function readTarget(
  repository: string,
  generation: Generation,
  name: string,
): Promise<Buffer | undefined> {
  const wanted = generation.targets.get(name);
  if (wanted === undefined) return undefined;
  const bytes = await readFile(targetPath(repository, generation, name)).catch(() => undefined);
  // A damaged cache is as good as none: what counts is fetched again.
  if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== wanted) return undefined;
  return bytes;
}
