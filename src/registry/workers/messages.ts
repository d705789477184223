import type { RegistryConfig } from '../config/model.ts';

/** What the first process of a registry tells those that serve. */
export type ToWorker =
  | { readonly kind: 'start'; readonly config: RegistryConfig; readonly surroundings: unknown }
  /** `isFirst`: for one of them, which writes it into the audit trail. */
  | { readonly kind: 'apply'; readonly id: number; readonly config: RegistryConfig; readonly isFirst: boolean }
  /** A changed configuration was refused before it came so far. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'measure'; readonly id: number; readonly lookUp: boolean }
  | { readonly kind: 'stop' };

/** What they tell it. */
export type FromWorker =
  /** It listens to messages. */
  | { readonly kind: 'awake' }
  | { readonly kind: 'serving'; readonly url: string }
  /** It could not start, or take a configuration, or count. */
  | { readonly kind: 'failed'; readonly id?: number; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly snapshot?: readonly object[] };
