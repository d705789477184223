import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoImageSettings } from '../settings.ts';

/** What attestors are read with, and where what is wrong with them is collected. */
export interface Translation {
  readonly settings: KyvernoImageSettings;
  /** Of a namespaced policy; undefined for one of the cluster. */
  readonly namespace: string | undefined;
  readonly findings: Finding[];
}
