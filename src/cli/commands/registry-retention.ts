import { renderTextTable } from '../../report/text/text-table.ts';
import { paintWith } from '../../report/text/style.ts';
import type { RegistryConfig } from '../../registry/config/model.ts';
import { planAll } from '../../registry/retention/run-retention.ts';
import { compileImmutableRules } from '../../registry/rule/immutable/compile.ts';
import type { Plan, PlanEntry } from '../../registry/rule/retention/plan.ts';
import { compileRetentionRules } from '../../registry/rule/retention/rules/compile.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { useColour } from '../terminal/colour.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/** What of a preview is shown, and how. */
export interface RetentionPreviewOptions extends RegistryPlace {
  /** Also what stays, and why. */
  readonly all: boolean;
  readonly format?: string;
}

/** `registry retention preview`: shows what the rules would remove, which of them says so, and why; changes nothing. */
export function retentionPreviewCommand(
  { all, format = 'table', ...place }: RetentionPreviewOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (format !== 'table' && format !== 'json') {
    throw new ConfigError('SETTING_INVALID', `--format is "${format}"; give table or json`);
  }
  return withRegistry(place, resolved, host, async ({ config, content }) => {
    const policy = compileRetentionRules(config.retention.rules);
    const immutable = compileImmutableRules(config.tags.immutable);
    let repositories = 0;
    let told = 0;
    for await (const plan of planAll(content, { policy, immutable, signal: host.signal })) {
      const shown = all ? plan.entries : plan.entries.filter(({ action }) => action !== 'keep');
      await (format === 'json' ? writeJson(shown, host) : writeTable(plan, shown, host));
      repositories += 1;
      told += shown.length + plan.unmet.length;
    }
    if (format === 'table' && told === 0) await host.stdout.write(`${nothing(config, repositories)}\n`);
    return exitCode.ok;
  });
}

/** Says that nothing would go, and why. */
function nothing({ retention }: Pick<RegistryConfig, 'retention'>, repositories: number): string {
  if (retention.rules.length === 0) return 'There are no rules under registry.retention.rules, so nothing goes';
  return `Nothing would go from ${repositories === 1 ? '1 repository' : `${repositories} repositories`}`;
}

/** One object a line, so that a preview of any size is read as it comes. */
async function writeJson(entries: readonly PlanEntry[], { stdout }: Host): Promise<void> {
  await stdout.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

async function writeTable(plan: Plan, entries: readonly PlanEntry[], host: Host): Promise<void> {
  const unmet = plan.unmet.map(({ message }) => message);
  if (entries.length === 0 && unmet.length === 0) return;
  const columns = [
    { header: plan.repository },
    { header: 'Action' },
    { header: 'Rule' },
    { header: 'Why', least: 20 },
    { header: 'Bytes', align: 'right' as const },
  ];
  const rows = entries.map(({ tag, digest, action, rule = '', reason, bytes }) => ({
    cells: [tag ?? digest.slice(0, 19), action, rule, reason, bytes === 0 ? '' : formatBytes(bytes)],
  }));
  const paint = paintWith(useColour(host.env, host.stdout.isTerminal));
  const lines =
    entries.length === 0
      ? [plan.repository]
      : renderTextTable(columns, rows, { width: host.stdout.columns ?? 120, paint });
  const sum = `${plan.tags.delete} tags and ${plan.manifests.delete} manifests would go, with ${formatBytes(plan.bytes)}`;
  await host.stdout.write([...lines, sum, ...unmet, '', ''].join('\n'));
}
