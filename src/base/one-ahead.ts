/**
 * Gives what comes, while the next is already under way: for whoever waits for others between, and has work to do meanwhile. Two are held
 * at a time. It ends with what it is made of, and ends that where nobody wants more.
 */
export async function* oneAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Item>> | undefined = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) {
        next = undefined;
        return;
      }
      next = iterator.next();
      // A failure is told when its turn comes.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    if (next !== undefined) {
      await next.catch(() => undefined);
      await iterator.return?.();
    }
  }
}
