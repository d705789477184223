import { renderTextTable, type TextTableOptions } from '../../report/text/text-table.ts';
import type { PolicyLook } from './model.ts';

/** What today's policies say of what runs, for people; nothing where nobody asked. */
export function renderPolicies(look: PolicyLook | undefined, options: TextTableOptions): readonly string[] {
  if (look === undefined) return [];
  const { looked, breaches, gaps } = look;
  const title = options.paint('heading', 'Policy Assessment');
  const rows = breaches.map(({ namespace, kind, name, policy, rule, outcome, reason }) => ({
    cells: [
      namespace,
      `${kind}/${name}`,
      `${policy} ${rule}`,
      { text: outcome, style: outcome === 'denied' ? ('HIGH' as const) : ('warning' as const) },
    ],
    below: [reason],
  }));
  const columns = [
    { header: 'Namespace', least: 9 },
    { header: 'Resource', least: 16 },
    { header: 'Rule', least: 16 },
    { header: 'Would be' },
  ];
  const sum = `${looked} ${looked === 1 ? 'object' : 'objects'} looked at`;
  const table = rows.length === 0 ? ['Nothing that runs would be denied'] : renderTextTable(columns, rows, options);
  return ['', title, ...table, sum, ...gaps.map((gap) => options.paint('warning', `Not looked at: ${gap}`))];
}
