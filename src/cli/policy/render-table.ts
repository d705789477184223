import { describeFact } from '../../policy/explain/describe-fact.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { Paint, Style } from '../../report/text/style.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import type { ImageReport, RuleReport } from './model.ts';

/** How tables are laid out. */
interface Look {
  readonly width: number;
  readonly paint: Paint;
}

/** Reports for people: for each image its rules, why each is as it is and what to do, and what it comes to. */
export function renderTable(reports: readonly ImageReport[], look: Look): string {
  return reports
    .map((report) =>
      renderImage(report, look)
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('\n');
}

function renderImage(report: ImageReport, { width, paint }: Look): string[] {
  const { name, digest, rules, warnings, exceptions } = report;
  const rows = rules.map((rule) => ({
    cells: [titleOf(rule), { text: outcomeWord(rule), style: styleOf(rule) }, whyOf(rule)],
    ...(rule.help === undefined ? {} : { below: [{ text: rule.help, style: 'faint' as const }] }),
  }));
  const columns = [{ header: 'Rule', least: 16 }, { header: 'Outcome' }, { header: 'Why, and what to do', least: 30 }];
  return [
    paint('heading', cleanText(digest === undefined ? name : `${name} (${digest})`)),
    ...(rows.length === 0 ? [] : renderTextTable(columns, rows, { width, paint })),
    ...warnings.map((each) => `${paint('warning', 'warning')}: ${cleanText(each)}`),
    ...exceptions.map(
      ({ name: exception, owner, until }) =>
        `exception: ${cleanText(`"${exception}" of ${owner} holds until ${new Date(until).toISOString()}`)}`,
    ),
    decisionLine(report, paint),
  ];
}

/** What it comes to, in one line. */
export function decisionLine({ decision, why, rules }: ImageReport, paint: Paint): string {
  const reason = why === undefined ? '' : `: ${cleanText(why)}`;
  if (decision === 'deny') return paint('CRITICAL', `Denied${reason}`);
  if (decision === 'undecided') return paint('warning', `Undecided, so it does not pass${reason}`);
  return paint('good', rules.length === 0 ? 'Allowed: no rule is about it' : 'Allowed');
}

/** Its policy, its name, and the platforms that it speaks of. */
export function titleOf({ policy, rule, platforms }: RuleReport): string {
  const name = policy === undefined ? rule : `${policy}/${rule}`;
  return platforms === undefined ? name : `${name} (${platforms.join(', ')})`;
}

/** What came of it, in a word; what only warns says so. */
export function outcomeWord({ outcome, action }: RuleReport): string {
  const word = outcome === 'notApplicable' ? 'not applicable' : outcome;
  return (outcome === 'violated' || outcome === 'undecided') && action !== 'deny' ? `${word} (${action})` : word;
}

/** The facts alone where there are some: the rule and the outcome stand beside them. */
function whyOf({ outcome, facts, why }: RuleReport): string {
  if (outcome === 'passed' || why === '') return '-';
  if (facts.length === 0) return why;
  const more = facts.length - toldFacts;
  return `${facts.slice(0, toldFacts).map(describeFact).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const toldFacts = 5;

function styleOf({ outcome, denies }: RuleReport): Style {
  if (denies) return outcome === 'violated' ? 'CRITICAL' : 'warning';
  if (outcome === 'passed') return 'good';
  return outcome === 'violated' || outcome === 'undecided' || outcome === 'excepted' ? 'warning' : 'faint';
}
