import type { Endpoint, Finding, Route } from '../endpoint.ts';
import type { RuntimeName } from '../runtime/runtime.ts';

/** What a whole node comes to. */
export type NodeVerdict =
  /** Every runtime pulls from the private registry alone. */
  | 'closed'
  /** Some runtime may pull from elsewhere. */
  | 'open'
  /** It could not all be looked at, and what was shows no way out. */
  | 'unknown';

/** An endpoint, and whether the policy wants it asked. */
export interface JudgedEndpoint extends Endpoint {
  readonly allowed: boolean;
}

/** A route, and whether it leads elsewhere. */
export interface JudgedRoute extends Omit<Route, 'endpoints'> {
  readonly endpoints: readonly JudgedEndpoint[];
  /** Some endpoint that is not allowed may give the image. */
  readonly open: boolean;
}

/** One runtime of a node. */
export interface RuntimeReport {
  readonly runtime: RuntimeName;
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
  readonly routes: readonly JudgedRoute[];
}

/** A node. */
export interface NodeReport {
  readonly verdict: NodeVerdict;
  /** Host and port of the private registry. */
  readonly registry: string;
  readonly runtimes: readonly RuntimeReport[];
  /** What is about no single runtime. */
  readonly findings: readonly Finding[];
}

/** Everything that was found, of the node, its runtimes and their routes. */
export function allFindings({ findings, runtimes }: Pick<NodeReport, 'findings' | 'runtimes'>): readonly Finding[] {
  return [
    ...findings,
    ...runtimes.flatMap((each) => [...each.findings, ...each.routes.flatMap((route) => route.findings)]),
  ];
}

/** What a whole node comes to: a way out counts more than what cannot be told. */
export function verdictOf(report: Pick<NodeReport, 'findings' | 'runtimes'>): NodeVerdict {
  const levels = new Set(allFindings(report).map(({ level }) => level));
  const open = report.runtimes.some(({ routes }) => routes.some((route) => route.open));
  if (open || levels.has('way-out')) return 'open';
  return levels.has('unknown') ? 'unknown' : 'closed';
}

/** A report with more that was found of the node, such as by trying. */
export function withFindings(report: NodeReport, more: readonly Finding[]): NodeReport {
  const findings = [...report.findings, ...more];
  return { ...report, findings, verdict: verdictOf({ ...report, findings }) };
}
