import { closeSync, openSync } from 'node:fs';
import { breakOffArrival, newArrival, noteArrived, takeRead } from '../../../oci/arrival.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { FileRange } from '../../../oci/image.ts';
import { processLimits } from '../limits.ts';
import { readLines } from './lines.ts';
import type { Peer } from './peer.ts';

interface Named {
  readonly path: string;
  readonly size: number;
}

/** A file that the other side of a channel lends, and tells the growth of. */
export class GrowingFile implements Disposable {
  readonly range: FileRange;
  readonly #telling: NodeJS.Timeout;

  private constructor(range: FileRange, tell: () => void) {
    this.range = range;
    this.#telling = setInterval(tell, processLimits.readTime).unref();
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
    let size: number;
    try {
      const named = (await lines.next()).value as Named;
      size = named.size;
      fd = openSync(named.path, 'r');
    } catch {
      await lines.return(undefined).catch(() => undefined);
      done();
      return undefined;
    }
    const arrival = newArrival();
    void follow(lines, arrival, size).finally(done);
    const tell = (): void => {
      const bytes = takeRead(arrival);
      if (bytes > 0) void drain(peer.ask({ kind: 'read', bytes }, signal));
    };
    return new GrowingFile({ fd, offset: 0, length: size, arrival, isChecked: true }, tell);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#telling);
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

async function drain(answer: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of answer);
  } catch {
    // Nothing depends on it.
  }
}
