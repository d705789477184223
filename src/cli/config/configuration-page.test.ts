import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parseSettingsFile } from './parse-settings-file.ts';
import { resolveSettings } from './resolve.ts';
import type { Setting } from './setting.ts';
import { settingKeys, settingTable } from './table.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'configuration.md'), 'utf8');

test('docs/configuration.md lists every setting with its names and default', () => {
  const row = /^\| `(--[a-z-]+)`(?:, `(-[a-z])`)? *\| `([a-z.-]+)` *\| (?:`([^`]*)`)? *\| .+ \|$/gm;
  const rows = [...page.matchAll(row)];
  assert.deepEqual(
    rows.map(([, flag, short, path, initial]) => [flag, short, path, initial]),
    settingKeys.map((key) => {
      const { flag, short, path, kind, initial } = settingTable[key] as Setting<unknown>;
      const usual =
        typeof initial === 'function' ? '~/.cache/seaworthy' : initial === undefined ? '' : kind.format(initial);
      return [flag, short, path.join('.'), usual === '' ? undefined : usual];
    }),
  );
});

test('docs/configuration.md shows a settings file that works', async () => {
  const example = /```yaml\n(severity:[\s\S]+?)```/.exec(page)?.[1] ?? '';
  const file = await parseSettingsFile(example, 'seaworthy.yaml');
  const { settings } = resolveSettings({ flags: new Map(), env: {}, home: '/home/u', file });
  assert.deepEqual(
    [settings.severity, settings.failOn, settings.ignoreUnfixed, settings.cacheSize, settings.output],
    [
      ['CRITICAL', 'HIGH'],
      'CRITICAL',
      true,
      4 * 2 ** 30,
      [{ format: 'table' }, { format: 'json', file: 'report.json' }],
    ],
  );
});
