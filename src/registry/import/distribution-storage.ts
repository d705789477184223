import { closeSync } from 'node:fs';
import { opendir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ContentSource } from '../../oci/content-source.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestAlgorithm, digestHex, isDigest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { readRange, streamRange } from '../../oci/file-range.ts';
import { openBlob, sizeOf } from '../../oci/layout/layout-content.ts';
import { isTag } from '../../oci/reference.ts';
import { verifyContent } from '../../oci/verify-content.ts';
import { ImportError } from './error.ts';
import type { ImportedManifest, ImportedRepository, ImportedTag, ImportSource } from './source.ts';

/** Folders within folders that are looked through for repositories; names have at most 255 characters. */
const depth = 128;

/**
 * The storage folder of distribution's registry (distribution, registry/storage/paths.go): blobs under
 * `docker/registry/v2/blobs/ALGORITHM/XX/HEX/data`, and files named `link` that hold a digest for what each repository has.
 */
export class DistributionStorage implements ImportSource {
  readonly form = 'distribution';
  readonly #root: string;

  /** @param folder that which holds `docker/registry/v2` */
  constructor(folder: string) {
    this.#root = join(folder, 'docker', 'registry', 'v2');
  }

  async *repositories(signal?: AbortSignal): AsyncGenerator<ImportedRepository> {
    const top = join(this.#root, 'repositories');
    const content = new DistributionContent(join(this.#root, 'blobs'));
    for await (const folder of repositoryFolders(top, depth, signal)) {
      yield {
        name: relative(top, folder).split(sep).join('/'),
        content,
        manifests: () => manifestsOf(folder, content),
        tags: () => tagsOf(folder, content),
      };
    }
  }
}

class DistributionContent implements ContentSource {
  readonly #blobs: string;

  constructor(blobs: string) {
    this.#blobs = blobs;
  }

  async readContent({ digest, size }: Descriptor, maxBytes: number): Promise<Buffer> {
    const range = this.#open(digest);
    try {
      if (range.length > maxBytes) throw new OciError('LIMIT_EXCEEDED', `${digest} is larger than ${maxBytes} bytes`);
      const bytes = await readRange(range);
      verifyContent(bytes, { digest, size });
      return bytes;
    } finally {
      closeSync(range.fd);
    }
  }

  async *openLayer({ digest }: Descriptor, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const range = this.#open(digest);
    try {
      yield* streamRange(range, signal);
    } finally {
      closeSync(range.fd);
    }
  }

  hasBlob({ digest }: Descriptor): boolean {
    return this.sizeOf(digest) !== undefined;
  }

  sizeOf(digest: Digest): number | undefined {
    return sizeOf(this.#path(digest));
  }

  #open(digest: Digest): NonNullable<ReturnType<typeof openBlob>> {
    const range = openBlob(this.#path(digest));
    if (range === undefined) throw new OciError('BLOB_UNKNOWN', `The storage lacks the blob ${digest}`);
    return range;
  }

  #path(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.#blobs, digestAlgorithm(digest), hex.slice(0, 2), hex, 'data');
  }
}

/** A folder is a repository when it holds `_manifests`; others may lie in it as well. */
async function* repositoryFolders(
  folder: string,
  left: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  signal?.throwIfAborted();
  const names = await foldersIn(folder);
  if (names.includes('_manifests')) yield folder;
  if (left === 0) return;
  for (const name of names) {
    if (!name.startsWith('_')) yield* repositoryFolders(join(folder, name), left - 1, signal);
  }
}

async function* manifestsOf(folder: string, content: DistributionContent): AsyncGenerator<ImportedManifest> {
  const revisions = join(folder, '_manifests', 'revisions');
  for (const algorithm of await foldersIn(revisions)) {
    for (const hex of await foldersIn(join(revisions, algorithm))) {
      const link = join(revisions, algorithm, hex, 'link');
      const found = await linked(link, content);
      if (found !== undefined) yield found;
    }
  }
}

async function* tagsOf(folder: string, content: DistributionContent): AsyncGenerator<ImportedTag> {
  const tags = join(folder, '_manifests', 'tags');
  for (const name of await foldersIn(tags)) {
    const found = isTag(name) ? await linked(join(tags, name, 'current', 'link'), content) : undefined;
    if (found !== undefined) yield { name, ...found };
  }
}

/** What a link leads to; undefined for links to what was deleted, which distribution leaves there. */
async function linked(path: string, content: DistributionContent): Promise<ImportedManifest | undefined> {
  let text: string;
  let pushedAt: number;
  try {
    const status = await stat(path);
    if (!status.isFile() || status.size > 1024) return undefined;
    pushedAt = Math.round(status.mtimeMs);
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, cause);
  }
  const size = isDigest(text) ? content.sizeOf(text) : undefined;
  if (!isDigest(text) || size === undefined) return undefined;
  return { descriptor: { mediaType: '', digest: text, size }, pushedAt };
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) if (entry.isDirectory()) names.push(entry.name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(folder, cause);
  }
  return names.sort();
}

function unreadable(path: string, cause: unknown): ImportError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
  return new ImportError('IMPORT_UNREADABLE', `${path} cannot be read (${code}); check its permissions`, { cause });
}
