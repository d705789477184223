import { redactText } from '../../net/redact.ts';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import type { Origin, ResolvedSettings } from './resolve.ts';
import type { Setting } from './setting.ts';
import { settingKeys, settingTable } from './table.ts';

/** What stands for a value that nobody may see. */
const hidden = '[redacted]';

/** Not wrapped: the table is read in a pipe as often as on a terminal. */
const anyWidth = Number.MAX_SAFE_INTEGER;

/**
 * Writes every setting with its value, as a user would write it, and where the value comes from. Secrets, and passwords
 * in URLs, are left out.
 */
export function renderSettings({ settings, origins }: ResolvedSettings, form: 'table' | 'json'): string {
  const entries = settingKeys.map((key) => {
    const setting = settingTable[key] as Setting<unknown>;
    const value: unknown = settings[key];
    return {
      name: setting.flag.slice(2),
      value: value === undefined ? undefined : shownValue(setting, value),
      origin: origins.get(key) ?? ({ kind: 'default', place: 'default' } satisfies Origin),
    };
  });
  if (form === 'json') {
    const members = entries.map(({ name, value = null, origin }) => [
      name,
      { value, origin: origin.kind, place: origin.place },
    ]);
    return `${JSON.stringify(Object.fromEntries(members), undefined, 2)}\n`;
  }
  const lines = renderTextTable(
    [{ header: 'Setting' }, { header: 'Value' }, { header: 'From' }],
    entries.map(({ name, value, origin }) => ({
      cells: [name, value === undefined || value === '' ? '-' : value, origin.place],
    })),
    { width: anyWidth, paint: paintWith(false) },
  );
  return `${lines.join('\n')}\n`;
}

function shownValue({ kind, secret }: Setting<unknown>, value: unknown): string {
  return secret ? hidden : redactText(kind.format(value));
}
