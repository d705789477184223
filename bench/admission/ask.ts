import { openClient } from '../../testing/admission/review-client.ts';
import { podReview } from './pod-review.ts';

/** Asks a webhook about Pods from this process. */
export interface Asking extends Disposable {
  /** Milliseconds until the answer was there; throws where it is another than expected. */
  ask(images: readonly string[]): Promise<number>;
}

/** Opens a client of HTTP/2. @param authority PEM */
export function openAsking(port: number, authority: string): Asking {
  const client = openClient('HTTP/2', port, authority);
  return {
    async ask(images) {
      const before = performance.now();
      const { status, body } = await client.send({ path: '/mutate/fail?timeout=30s', body: podReview(images) });
      const time = performance.now() - before;
      if (status === 200 && body.includes('"allowed":true') && body.includes('"patch"')) return time;
      throw new Error(`A review was answered with status ${status}: ${body.slice(0, 1000)}`);
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
