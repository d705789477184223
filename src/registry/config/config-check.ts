import type { RegistryConfig } from './model.ts';
import type { Finding } from '../../codec/yaml/mistake.ts';
import type { SectionName } from './names.ts';

/** What checks may know besides the configuration. */
export interface CheckContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Variables that secrets may be in; absent where it is not known what the registry will find. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Looks for what no setting shows by itself. It runs when all that it needs could be read, so that one mistake brings no
 * second one that is none.
 */
export interface ConfigCheck {
  readonly needs: readonly SectionName[];
  /** Looks at files or variables that only a registry that serves has to have, and that commands about one may lack. */
  readonly servingOnly?: true;
  readonly find: (config: RegistryConfig, context: CheckContext) => readonly Finding[] | Promise<readonly Finding[]>;
}
