import { closeSync, openSync } from 'node:fs';
import { breakOffArrival, newArrival, noteArrived, takeRead } from '../../../oci/arrival.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { FileRange } from '../../../oci/image.ts';
import { readLines } from './lines.ts';
import type { Peer } from './peer.ts';

interface Named {
  readonly path: string;
  readonly size: number;
  readonly isChecked: boolean;
}

/** A file that the other side of a channel lends, and tells the growth of. */
export class GrowingFile implements Disposable {
  readonly range: FileRange;
  readonly #arrival: SharedArrayBuffer;

  private constructor(range: FileRange, arrival: SharedArrayBuffer) {
    this.range = range;
    this.#arrival = arrival;
  }

  /**
   * Gives undefined where there is none: why is told to whoever asks for the bytes.
   *
   * @param how.signal ends it
   * @param how.done is called when nothing more is told of it
   */
  static async open(
    peer: Pick<Peer, 'ask'>,
    digest: Digest,
    { signal, done }: { readonly signal: AbortSignal; readonly done: () => void },
  ): Promise<GrowingFile | undefined> {
    const lines = readLines(peer.ask({ kind: 'file', digest }, signal));
    let fd: number;
    let named: Named;
    try {
      named = (await lines.next()).value as Named;
      fd = openSync(named.path, 'r');
    } catch {
      await lines.return(undefined).catch(() => undefined);
      done();
      return undefined;
    }
    const { size, isChecked } = named;
    const arrival = newArrival();
    void follow(lines, arrival, size).finally(done);
    return new GrowingFile({ fd, offset: 0, length: size, arrival, isChecked }, arrival);
  }

  /** The bytes that were read of it since this was asked last. */
  takeRead(): number {
    return takeRead(this.#arrival);
  }

  [Symbol.dispose](): void {
    closeSync(this.range.fd);
  }
}

async function follow(lines: AsyncIterable<unknown>, arrival: SharedArrayBuffer, size: number): Promise<void> {
  let arrived = 0;
  try {
    for await (const line of lines) {
      arrived = (line as { readonly arrived: number }).arrived;
      noteArrived(arrival, arrived);
    }
  } catch {
    // The other side knows why.
  }
  if (arrived < size) breakOffArrival(arrival);
}
