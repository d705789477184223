import type { KyvernoSettings } from '../kyverno/rule/model.ts';

/** How Kyverno's policies in CEL are compiled. */
export interface KyvernoImageSettings extends KyvernoSettings {
  /** The one namespace whose exceptions count; none do when left out (GHSA-gg4x-fgg2-h9w9). */
  readonly exceptionNamespace?: string;
}
