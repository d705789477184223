import type { OperatorConfig } from '../../cluster/operator/open-operator.ts';
import { addressOf, type AdmissionFlags, flagValue, registryAccessOf } from '../admission/flags.ts';
import { selectionOf } from '../cluster/options.ts';
import { ConfigError } from '../config/error.ts';
import { byteSizeKind, durationKind, integerKind } from '../config/kinds.ts';

/** What may be typed after `operator`. */
export interface OperatorFlags extends Pick<
  AdmissionFlags,
  'pullSecret' | 'provider' | 'registryRate' | 'allowRegistry' | 'denyRegistry' | 'refuseNetwork'
> {
  readonly listen: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly includeNamespaces: readonly string[];
  readonly excludeNamespaces: readonly string[];
  readonly sbomReports: boolean;
  readonly reportAge: string;
  readonly databaseUpdate: string;
  readonly scanWorkers: string;
  readonly scanMemory: string;
  readonly scanTime: string;
}

/** What the flags say to the operator. @throws ConfigError */
export function operatorConfigOf(
  flags: OperatorFlags,
): Pick<
  OperatorConfig,
  | 'listen'
  | 'age'
  | 'sboms'
  | 'hasNamespace'
  | 'workers'
  | 'memoryBytes'
  | 'timeMs'
  | 'pullSecrets'
  | 'providers'
  | 'reach'
> {
  const { includeNamespaces, excludeNamespaces } = flags;
  const age = flagValue('--report-age', flags.reportAge, durationKind);
  if (age < 60_000) {
    throw new ConfigError('SETTING_INVALID', `--report-age is "${flags.reportAge}"; write it as a minute at least`);
  }
  return {
    listen: addressOf('--listen', flags.listen),
    age,
    sboms: flags.sbomReports,
    hasNamespace: selectionOf({ includeNamespaces, excludeNamespaces }).hasNamespace,
    workers: flagValue('--scan-workers', flags.scanWorkers, integerKind(1, 64)),
    memoryBytes: flagValue('--scan-memory', flags.scanMemory, byteSizeKind),
    timeMs: flagValue('--scan-time', flags.scanTime, durationKind),
    ...registryAccessOf(flags),
  };
}
