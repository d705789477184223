import { paintWith } from '../../report/text/style.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import type { Host } from '../host.ts';
import { useColour } from '../terminal/colour.ts';
import type { CheckOptions } from './check-options.ts';
import type { ImageReport } from './model.ts';
import { renderExplanation } from './render-explanation.ts';
import { renderJson } from './render-json.ts';
import { renderTable } from './render-table.ts';
import type { PolicySet } from './read-policies.ts';

type Place = Pick<CheckOptions, 'format' | 'output'>;

/** Finds out before any work is done whether the report can go where it is wanted. @throws ConfigError SETTING_INVALID */
export async function requirePlace({ output }: Place, host: Host): Promise<void> {
  if (output !== undefined) await requireOutputs([{ file: output }], host);
}

/** Writes what came of judging images. @throws ConfigError SETTING_INVALID for a file that cannot be written */
export async function writeReports(
  reports: readonly ImageReport[],
  policies: PolicySet,
  { format, output }: Place,
  explains: boolean,
  host: Host,
): Promise<void> {
  const isTerminal = output === undefined && host.stdout.isTerminal;
  const paint = paintWith(useColour(host.env, isTerminal));
  const text =
    format === 'json'
      ? renderJson(reports, policies, explains)
      : explains
        ? reports.map((report) => renderExplanation(report, paint)).join('\n')
        : renderTable(reports, { paint, width: (isTerminal ? host.stdout.columns : undefined) ?? 160 });
  await deliverAll(only(text, output), host);
}

async function* only(text: string, file: string | undefined) {
  yield await Promise.resolve({ text, target: file === undefined ? {} : { file } });
}
