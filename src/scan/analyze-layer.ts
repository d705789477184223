import { createHash, type Hash } from 'node:crypto';
import { LayerCataloger } from '../catalog/layer-cataloger.ts';
import type { Dispatch } from '../catalog/dispatch.ts';
import { FactBudget } from '../catalog/fact-budget.ts';
import { readAlias, refuseAlias, wantedBytes } from '../catalog/alias-reading.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { GrowingBuffer } from '../catalog/growing-buffer.ts';
import { decompress } from '../codec/compression/decompress.ts';
import { defaultInflateLimits } from '../codec/compression/limits.ts';
import { digestAlgorithm, digestHex, type Digest } from '../oci/digest.ts';
import { OciError } from '../oci/error.ts';
import { encodeLayerIndex } from '../rootfs/layer-index.ts';
import { LayerReader } from '../rootfs/layer-reader.ts';
import { ThreadGuard, type ThreadPatience } from './heavy-layer.ts';
import type { LayerAnalysis, LayerExpectation, WantedEntry } from './layer-analysis.ts';

/**
 * Reads one layer in one pass: checks the stored bytes and the unpacked tar against their digests while it unpacks
 * them, lists the names, and runs the catalogers over the files that they want.
 *
 * @param patience for a thread that must not be kept long
 * @param taken is told of each chunk of the source that is not read any more
 * @throws HeavyLayer; OciError DIGEST_MISMATCH, SIZE_MISMATCH; CodecError; RootfsError LIMIT_EXCEEDED; whatever `source` throws
 */
export async function analyzeLayer(
  source: AsyncIterable<Uint8Array>,
  expectation: LayerExpectation,
  dispatch: Dispatch,
  patience?: ThreadPatience,
  taken?: (chunk: Uint8Array) => void,
): Promise<LayerAnalysis> {
  const cataloger = new LayerCataloger(dispatch);
  const guard = patience && new ThreadGuard(patience);
  const reader = new LayerReader((file) => {
    if (dispatch.select(file.path).length > 0) guard?.allow(file.size);
    return cataloger.visit(file);
  });
  await readChecked(source, expectation, reader, guard, taken);
  const readings = cataloger.finish();
  const problems = [...reader.problems(expectation.diffId), ...cataloger.problems(expectation.diffId)];
  return { index: encodeLayerIndex(reader.index()), readings, problems };
}

/**
 * Reads some entries of a layer once more, under other paths: those that only the whole image's links lead to.
 *
 * @throws as {@link analyzeLayer} does
 */
export async function readLayerEntries(
  source: AsyncIterable<Uint8Array>,
  expectation: LayerExpectation,
  dispatch: Dispatch,
  wanted: readonly WantedEntry[],
  patience?: ThreadPatience,
): Promise<FileReading[]> {
  const guard = patience && new ThreadGuard(patience);
  const byEntry = Map.groupBy(wanted, ({ entry }) => entry);
  const readings: FileReading[] = [];
  const buffer = new GrowingBuffer();
  const facts = new FactBudget();
  const reader = new LayerReader((file) => {
    if (facts.isSpent) return undefined;
    const aliases = (byEntry.get(file.entry) ?? []).map(({ path }) => ({ ...file, path }));
    const readable = aliases.filter((alias) => file.size <= wantedBytes(dispatch, alias));
    for (const alias of aliases) {
      const refusal = readable.includes(alias) ? undefined : refuseAlias(dispatch, alias);
      if (refusal !== undefined) readings.push(refusal);
    }
    if (readable.length === 0) return undefined;
    guard?.allow(file.size * readable.length);
    buffer.start(file.size);
    return {
      data: (chunk) => {
        buffer.append(chunk);
        return true;
      },
      end: () => {
        for (const alias of readable) {
          const reading = readAlias(dispatch, alias, buffer.bytes());
          if (reading === undefined) continue;
          const kept = facts.take(reading) ? reading : { ...reading, facts: [], problems: [] };
          const over = facts.isSpent ? [facts.problem(expectation.diffId)] : [];
          readings.push({ ...kept, problems: [...kept.problems, ...over] });
          if (facts.isSpent) return;
        }
      },
    };
  });
  await readChecked(source, expectation, reader, guard);
  return readings;
}

/** What takes a layer's tar as it is unpacked. */
interface TarSink {
  write(chunk: Buffer): void;
  end(): void;
}

/**
 * Unpacks a layer into a reader, and checks the stored bytes and the unpacked tar against what they must be.
 *
 * @throws as {@link analyzeLayer} does; what the reader throws
 */
export async function readChecked(
  source: AsyncIterable<Uint8Array>,
  { diffId, digest, size }: LayerExpectation,
  reader: TarSink,
  guard?: ThreadGuard,
  taken?: (chunk: Uint8Array) => void,
): Promise<void> {
  const stored = digest === undefined ? undefined : createHash(digestAlgorithm(digest));
  const unpacked = createHash(digestAlgorithm(diffId));
  let bytes = 0;
  let isOver = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (size !== undefined && bytes > size) throw sizeMismatch(size, bytes);
      stored?.update(chunk);
      yield chunk;
    }
    isOver = true;
  }
  let broken: { readonly error: unknown } | undefined;
  try {
    await decompress(
      counted(),
      (chunk) => {
        unpacked.update(chunk);
        if (guard === undefined) reader.write(chunk);
        else guard.run(() => reader.write(chunk));
      },
      defaultInflateLimits,
      taken,
    );
    reader.end();
  } catch (error) {
    broken = { error };
  }
  // A short blob also breaks the codec; that the source lied is what the user can act on. A source that failed did not.
  if (isOver && size !== undefined && bytes < size) throw sizeMismatch(size, bytes, broken?.error);
  if (broken !== undefined) throw broken.error;
  if (digest !== undefined && stored !== undefined) check(stored, digest, 'The layer blob');
  check(unpacked, diffId, 'The unpacked layer');
}

function sizeMismatch(expected: number, seen: number, cause?: unknown): OciError {
  const amount = seen > expected ? `at least ${seen}` : `only ${seen}`;
  const message = `The layer has ${amount} bytes where its manifest says ${expected}; fetch or export the image again`;
  return new OciError('SIZE_MISMATCH', message, { cause });
}

function check(hash: Hash, expected: Digest, what: string): void {
  const seen = hash.digest('hex');
  if (seen === digestHex(expected)) return;
  const message = `${what} has the digest ${digestAlgorithm(expected)}:${seen} where ${expected} was promised; fetch or export the image again`;
  throw new OciError('DIGEST_MISMATCH', message);
}
