import type { CodeLine } from '../../finding/config-report.ts';
import type { LineRange } from '../../finding/misconfiguration.ts';
import { configScanLimits } from './limits.ts';

/** The lines of a finding: the first of them, and a mark where there are more. */
export function excerptOf(lines: readonly string[], { start, end }: LineRange): CodeLine[] {
  const last = Math.min(end, lines.length);
  const shown = Math.min(last, start + configScanLimits.codeLines - 1);
  const found: CodeLine[] = [];
  for (let number = Math.max(1, start); number <= shown; number += 1) {
    const content = (lines[number - 1] as string).slice(0, configScanLimits.codeColumns).toWellFormed();
    found.push({ number, content, truncated: false });
  }
  if (shown < last) found.push({ number: shown + 1, content: '', truncated: true });
  return found;
}
