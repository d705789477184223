import type { Origin } from '../../../src/registry/pipeline/origin.ts';

/** What a test lets happen in the middle of a judgement. */
export interface Interleaved {
  /** Lets something happen once, when the gate is about to read a document, or what is attached; before it does. */
  on(what: 'blob' | 'referrers' | 'manifest', act: () => Promise<unknown> | undefined): void;
  /** An origin in which it happens. */
  readonly wrap: (origin: Origin) => Origin;
}

/** Makes one. */
export function interleaved(): Interleaved {
  const acts = new Map<string, (() => Promise<unknown> | undefined)[]>();
  const happen = async (what: string): Promise<void> => {
    await acts.get(what)?.shift()?.();
  };
  return {
    on(what, act) {
      acts.set(what, [...(acts.get(what) ?? []), act]);
    },
    wrap: (origin) => ({
      async findManifest(name, signal) {
        await happen('manifest');
        return origin.findManifest(name, signal);
      },
      async findBlob(repository, digest, signal) {
        await happen('blob');
        return origin.findBlob(repository, digest, signal);
      },
      listTags: (repository, query, signal) => origin.listTags(repository, query, signal),
      async listReferrers(repository, query, signal) {
        await happen('referrers');
        return origin.listReferrers(repository, query, signal);
      },
    }),
  };
}
