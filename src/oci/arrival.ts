/*
 * How far a file has come that is still being written, in memory that threads share: one of them is told of what arrives, and others read
 * the file up to there. Bytes from the file's start, and after them those that were read.
 */

const arrivedAt = 0;
const readAt = 1;
/** In place of a number of bytes: no more will come. */
const brokenOff = -1n;

/** Memory for a file of which nothing is there yet. It may be sent to other threads. */
export function newArrival(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Says that so many bytes are there. */
export function noteArrived(arrival: SharedArrayBuffer, bytes: number): void {
  tell(arrival, BigInt(bytes));
}

/** Says that no more will come, though not all are there. */
export function breakOffArrival(arrival: SharedArrayBuffer): void {
  tell(arrival, brokenOff);
}

function tell(arrival: SharedArrayBuffer, value: bigint): void {
  const counts = new BigInt64Array(arrival);
  Atomics.store(counts, arrivedAt, value);
  Atomics.notify(counts, arrivedAt);
}

/** Waits until more than so many bytes are there, and says how many; undefined when no more will come. It keeps no thread alive by itself. */
export async function untilArrived(arrival: SharedArrayBuffer, bytes: number): Promise<number | undefined> {
  const counts = new BigInt64Array(arrival);
  for (;;) {
    const arrived = Atomics.load(counts, arrivedAt);
    if (arrived === brokenOff) return undefined;
    if (arrived > bytes) return Number(arrived);
    await Atomics.waitAsync(counts, arrivedAt, arrived).value;
  }
}

/** Says that so many more bytes were read. */
export function noteRead(arrival: SharedArrayBuffer, bytes: number): void {
  Atomics.add(new BigInt64Array(arrival), readAt, BigInt(bytes));
}

/** The bytes that were read since this was asked last. */
export function takeRead(arrival: SharedArrayBuffer): number {
  return Number(Atomics.exchange(new BigInt64Array(arrival), readAt, 0n));
}
