import { CodecError } from '../error.ts';
import { decodeName } from './name.ts';
import { parsePaxRecords } from './pax.ts';

const attributePrefix = 'SCHILY.xattr.';
const none: readonly string[] = [];

/**
 * What the records before an entry say about it: PAX headers (type `x`) and GNU's long names (`L`) and link targets
 * (`K`), with the precedence that container runtimes give them.
 */
export class Extensions {
  #pax: ReadonlyMap<string, string> = new Map();
  #attributes: readonly string[] = none;
  #longName = '';
  #longLink = '';

  /**
   * Takes one record. Of two PAX headers only the later counts; a global one changes nothing, but what came before it
   * is lost.
   *
   * @throws CodecError MALFORMED
   */
  take(type: string, bytes: Buffer): void {
    if (type === 'L') this.#longName = cString(bytes);
    else if (type === 'K') this.#longLink = cString(bytes);
    else if (type === 'x') {
      this.#attributes = none;
      this.#pax = this.#relevantRecords(bytes);
    } else this.forget();
  }

  /** Forgets all: they speak of one entry only. */
  forget(): void {
    if (this.#pax.size > 0) this.#pax = new Map();
    this.#attributes = none;
    this.#longName = '';
    this.#longLink = '';
  }

  /** The path, if they tell it; a GNU long name goes before a PAX path. */
  get path(): string | undefined {
    return this.#longName || this.text('path');
  }

  /** The link target, if they tell it. */
  get linkName(): string | undefined {
    return this.#longLink || this.text('linkpath');
  }

  /** Names of the extended attributes that they set (`SCHILY.xattr`, which is what runtimes read). */
  get attributes(): readonly string[] {
    return this.#attributes;
  }

  /** The bytes of data, if they tell them. @throws CodecError MALFORMED */
  get size(): number | undefined {
    return this.#number('size');
  }

  /** Where the map stands, if they tell of a sparse file in a version that is known: 0.0, 0.1 or 1.0. */
  get sparseFormat(): 'list' | 'map' | undefined {
    const version = `${this.text('GNU.sparse.major') ?? ''}.${this.text('GNU.sparse.minor') ?? ''}`;
    if (version === '1.0') return 'map';
    return /^0\.[01]$|^\.$/.test(version) && this.text('GNU.sparse.map') !== undefined ? 'list' : undefined;
  }

  /** The size of a sparse file with its holes. @throws CodecError MALFORMED */
  get sparseSize(): number | undefined {
    return this.#number('GNU.sparse.realsize') ?? this.#number('GNU.sparse.size');
  }

  /** A PAX value. An empty one cancels, by the standard, what a global header said: here it is as good as none. */
  text(key: string): string | undefined {
    return this.#pax.get(key) || undefined;
  }

  #number(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new CodecError('MALFORMED', `A PAX header in a tar has a bad ${key}`);
    return value;
  }

  #relevantRecords(bytes: Buffer): Map<string, string> {
    const records = new Map<string, string>();
    const list: string[] = [];
    const attributes: string[] = [];
    for (const [key, value] of parsePaxRecords(bytes)) {
      // Format 0.0 repeats offset and numbytes; together they read like the list of 0.1.
      if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') list.push(value);
      else if (relevantKeys.has(key)) records.set(key, value);
      else if (key.startsWith(attributePrefix)) attributes.push(key.slice(attributePrefix.length));
    }
    if (list.length > 0) records.set('GNU.sparse.map', list.join(','));
    if (attributes.length > 0) this.#attributes = attributes;
    return records;
  }
}

const relevantKeys: ReadonlySet<string> = new Set([
  'path',
  'linkpath',
  'size',
  'GNU.sparse.name',
  'GNU.sparse.map',
  'GNU.sparse.realsize',
  'GNU.sparse.size',
  'GNU.sparse.major',
  'GNU.sparse.minor',
]);

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}
