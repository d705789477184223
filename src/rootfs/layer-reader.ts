import type { Problem } from '../base/problem.ts';
import { defaultTarLimits, type TarLimits } from '../codec/tar/limits.ts';
import { TarReader, type BodySink, type TarEntry } from '../codec/tar/reader.ts';
import { entryKind, type EntryKind, type LayerIndex } from './layer-index.ts';
import { LayerIndexBuilder } from './layer-index-builder.ts';
import { defaultIndexLimits, type IndexLimits } from './limits.ts';
import { isUnclearMark } from './marks.ts';
import { cleanPath, keepLinkTarget, leadsOut } from './path.ts';

/** A regular file of a layer, offered while the tar goes by. */
export interface LayerFile {
  /** Clean. */
  readonly path: string;
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** Its index in the layer's {@link LayerIndex}. */
  readonly entry: number;
}

/** Decides whose bytes are read. */
export type FileVisitor = (file: LayerFile) => BodySink | undefined;

/** Parts of a path beyond which an entry is left out: nothing real is so deep, and tools recurse. Runtimes unpack it all the same. */
const maxDepth = 512;

const kinds: Readonly<Record<Exclude<TarEntry['type'], 'globalHeader'>, EntryKind>> = {
  file: entryKind.file,
  directory: entryKind.directory,
  symlink: entryKind.symlink,
  hardlink: entryKind.hardlink,
  other: entryKind.other,
};

/** Reads one layer's uncompressed tar as it arrives: builds its index and offers its files. */
export class LayerReader {
  readonly #builder: LayerIndexBuilder;
  readonly #tar: TarReader;
  readonly #visit: FileVisitor;
  #escapes = 0;
  #unnameable = 0;
  #tooDeep = 0;
  #unclearMarks = 0;

  constructor(visit: FileVisitor, limits: TarLimits = defaultTarLimits, indexLimits: IndexLimits = defaultIndexLimits) {
    this.#visit = visit;
    this.#builder = new LayerIndexBuilder(indexLimits);
    this.#tar = new TarReader((entry) => this.#entry(entry), limits);
  }

  /** Takes the next bytes. @throws CodecError, RootfsError LIMIT_EXCEEDED */
  write(chunk: Buffer): void {
    this.#tar.write(chunk);
  }

  /** Says that no more bytes come. @throws CodecError TRUNCATED */
  end(): void {
    this.#tar.end();
  }

  /** The index of what came so far; complete after `end`. */
  index(): LayerIndex {
    return this.#builder.build();
  }

  /** What was left out, or read elsewhere than it says, counted. @param subject names the layer */
  problems(subject: string): Problem[] {
    const problems: Problem[] = [];
    const add = (code: string, message: string, more: Pick<Problem, 'incomplete'> = {}): number =>
      problems.push({ code, subject, message, ...more });
    if (this.#escapes > 0) {
      add(
        'PATH_ESCAPE',
        `${this.#escapes} entries of the layer name paths outside the image; they were read where containerd unpacks them, below its root`,
      );
    }
    if (this.#unnameable > 0) {
      add(
        'PATH_INVALID',
        `${this.#unnameable} entries of the layer have names that no runtime takes and were left out`,
      );
    }
    if (this.#tooDeep > 0) {
      add(
        'PATH_TOO_DEEP',
        `${this.#tooDeep} entries of the layer lie more than ${maxDepth} folders deep and were left out`,
        { incomplete: true },
      );
    }
    if (this.#unclearMarks > 0) {
      add(
        'MARKS_UNCLEAR',
        `${this.#unclearMarks} entries of the layer are marks of overlayfs or aufs, or have names of such marks, which runtimes do not all take for the same; ` +
          'they may hide files that are listed, and show files that are not. Rebuild the layer without them',
        { incomplete: true },
      );
    }
    if (this.#tar.hasTrailingData) {
      add(
        'TRAILING_DATA',
        'The layer has data after its end mark, which no container runtime unpacks and nobody looked at',
      );
    }
    return problems;
  }

  #entry(entry: TarEntry): BodySink | undefined {
    const path = cleanPath(entry.path);
    if (path === undefined) {
      this.#unnameable += 1;
      return undefined;
    }
    if (leadsOut(entry.path)) this.#escapes += 1;
    if (path === '') return undefined;
    if (path.length > maxDepth && path.split('/').length > maxDepth) {
      this.#tooDeep += 1;
      return undefined;
    }
    if (isUnclearMark(entry, path)) this.#unclearMarks += 1;
    if (entry.type === 'globalHeader') {
      this.#builder.addGlobalHeader(path);
      return undefined;
    }
    const kind = kinds[entry.type];
    const link =
      kind === entryKind.symlink
        ? entry.linkName
        : kind === entryKind.hardlink
          ? keepLinkTarget(entry.linkName)
          : undefined;
    const index = this.#builder.addFromTar(path, kind, entry.mode, entry.size, link);
    if (index === undefined || kind !== entryKind.file) return undefined;
    return this.#visit({ path, mode: entry.mode, size: entry.size, entry: index });
  }
}
