import { existsSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type LayoutFolder, openLayoutFolder } from '../../oci/layout/layout-folder.ts';
import { isTag } from '../../oci/reference.ts';
import { ImportError } from './error.ts';
import type { ImportedRepository, ImportSource } from './source.ts';

const depth = 64;

/** Where an entry of `index.json` says what it is called (image-spec, annotations.md). */
const nameAnnotation = 'org.opencontainers.image.ref.name';

/**
 * OCI layouts: one, as skopeo and `seaworthy save` write it, or a folder of them, each named by its path, as zot keeps its
 * repositories.
 */
export class LayoutFolders implements ImportSource {
  readonly form = 'oci-layout';
  readonly #folder: string;
  readonly #repository: string | undefined;

  /** @param repository the name for the layout in the folder itself */
  constructor(folder: string, repository: string | undefined) {
    this.#folder = folder;
    this.#repository = repository;
  }

  async *repositories(signal?: AbortSignal): AsyncGenerator<ImportedRepository> {
    for await (const folder of layoutsIn(this.#folder, depth, signal)) {
      const path = relative(this.#folder, folder).split(sep).join('/');
      const name = path === '' ? this.#repository : path;
      if (name === undefined) {
        const sentence = `${this.#folder} is an OCI layout, which has no name of its own; name the repository with --repository`;
        throw new ImportError('IMPORT_UNKNOWN', sentence);
      }
      yield repositoryOf(name, openLayoutFolder(folder));
    }
  }
}

/** Whether a folder is an OCI layout (image-spec, image-layout.md). */
export function isLayout(folder: string): boolean {
  return existsSync(join(folder, 'oci-layout')) && existsSync(join(folder, 'index.json'));
}

function repositoryOf(name: string, layout: LayoutFolder): ImportedRepository {
  return {
    name,
    content: layout.content,
    // oxlint-disable-next-line require-await -- a generator like those of other sources
    async *manifests() {
      for (const descriptor of layout.entries) yield { descriptor, pushedAt: undefined };
    },
    // oxlint-disable-next-line require-await -- as above
    async *tags() {
      for (const descriptor of layout.entries) {
        const tag = tagOf(descriptor);
        if (tag !== undefined) yield { name: tag, descriptor, pushedAt: undefined };
      }
    },
  };
}

/** Tools write a tag there, or a whole reference. */
function tagOf({ annotations }: Descriptor): string | undefined {
  const text = annotations?.[nameAnnotation];
  if (text === undefined) return undefined;
  const tag = text.slice(text.lastIndexOf('/') + 1);
  const name = tag.includes(':') ? tag.slice(tag.indexOf(':') + 1) : tag;
  return isTag(name) ? name : undefined;
}

async function* layoutsIn(folder: string, left: number, signal: AbortSignal | undefined): AsyncGenerator<string> {
  signal?.throwIfAborted();
  if (isLayout(folder)) {
    yield folder;
    return;
  }
  if (left === 0) return;
  const names: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory() && !/^[._]/.test(entry.name)) names.push(entry.name);
  }
  for (const name of names.sort()) yield* layoutsIn(join(folder, name), left - 1, signal);
}
