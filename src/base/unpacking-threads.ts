/** With fewer, whoever reads a file would wait for zlib. */
const least = 2;

/**
 * Threads that Node is given for zlib and files (`UV_THREADPOOL_SIZE`): as many as there are processors. Node has four however many there
 * are; on two they take these from each other, and from the thread that gives them work, so that layers take a seventh longer, and on many
 * they are too few.
 *
 * @param most as many as have work
 */
export function unpackingThreads(cores: number, most: number): string {
  return String(Math.max(least, Math.min(most, cores)));
}
