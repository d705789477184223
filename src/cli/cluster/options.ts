import { ClusterError } from '../../cluster/error.ts';
import { compileSelection, type Selection } from '../../cluster/selection.ts';
import type { ReportKind } from '../../cluster/report/model.ts';
import type { RateLimitOptions } from '../../net/rate-limit.ts';
import { ConfigError } from '../config/error.ts';

/** Characters of a pattern for names of images. */
const longestPattern = 300;

/** What may be typed after `k8s`. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  /** Before the argument took its place (Trivy, v0.51). */
  readonly context?: string;
  readonly namespace?: string;
  readonly includeNamespaces?: readonly string[];
  readonly excludeNamespaces?: readonly string[];
  readonly includeKinds?: readonly string[];
  readonly excludeKinds?: readonly string[];
  readonly excludeOwned?: true;
  readonly qps?: string;
  readonly burst?: string;
  readonly listImages?: true;
  readonly showRbac?: true;
  readonly report?: string;
  readonly skipImages?: readonly string[];
  readonly registryRate?: readonly string[];
  /** False where no Secret is to be read. */
  readonly pullSecrets?: boolean;
  /** Files with policies that what runs is held against. */
  readonly policy?: readonly string[];
  /** The JSON of an earlier scan. */
  readonly since?: string;
}

/** How much is told of each workload. @throws ConfigError SETTING_INVALID */
export function reportKindOf({ report = 'summary' }: ClusterOptions): ReportKind {
  if (report === 'summary' || report === 'all') return report;
  throw new ConfigError('SETTING_INVALID', `--report is "${report.slice(0, 50)}"; write summary or all`);
}

/** Whether an image is left out, by its name; `*` and `?` stand for any characters. @throws ConfigError SETTING_INVALID */
export function skippedOf({ skipImages }: ClusterOptions): (name: string) => boolean {
  const patterns = namesIn(skipImages).map((text) => {
    // A glob's star stays within one part of a path, and names of images are no paths.
    const source = text
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.');
    if (text !== '' && text.length <= longestPattern) return new RegExp(`^${source}$`, 's');
    throw new ConfigError('SETTING_INVALID', '--skip-images has an empty or far too long name; write NAME[,NAME]');
  });
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** What of a cluster is wanted. Names may be separated by commas. @throws ConfigError SETTING_INVALID */
export function selectionOf(options: ClusterOptions): Selection {
  const { namespace, excludeOwned = false } = options;
  const included = namesIn(options.includeNamespaces);
  if (namespace !== undefined && included.length > 0) {
    throw new ConfigError(
      'SETTING_INVALID',
      '--namespace and --include-namespaces say the same; write --include-namespaces alone',
    );
  }
  try {
    return compileSelection({
      includeNamespaces: namespace === undefined ? included : [namespace],
      excludeNamespaces: namesIn(options.excludeNamespaces),
      includeKinds: namesIn(options.includeKinds),
      excludeKinds: namesIn(options.excludeKinds),
      excludeOwned,
    });
  } catch (cause) {
    if (!(cause instanceof ClusterError)) throw cause;
    throw new ConfigError('SETTING_INVALID', cause.message, { cause });
  }
}

/** Names of a flag that may be repeated, and that may be separated by commas. */
export function namesIn(texts: readonly string[] = []): readonly string[] {
  return texts.flatMap((text) => text.split(',').map((name) => name.trim()));
}

/** How often the cluster is asked; undefined where nothing was said. @throws ConfigError SETTING_INVALID */
export function rateOf({ qps, burst }: ClusterOptions): RateLimitOptions | undefined {
  if (qps === undefined && burst === undefined) return undefined;
  const rate = numberOf('--qps', qps ?? '5');
  return { qps: rate, burst: numberOf('--burst', burst ?? String(Math.max(1, Math.ceil(rate)))) };
}

function numberOf(flag: string, text: string): number {
  const value = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new ConfigError('SETTING_INVALID', `${flag} is "${text.slice(0, 50)}"; give a number above 0`);
}
