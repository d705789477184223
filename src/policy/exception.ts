import type { Subject } from './evidence.ts';
import type { PolicyException } from './model.ts';
import { compilePackageNames, type IsNamed } from './package-names.ts';
import { foldId, type PreparedFinding } from './rule/prepare-findings.ts';
import { compileNames } from './scope.ts';

/** Exceptions of a policy, ready to be asked. */
export interface CompiledExceptions {
  /** Those that are about a rule as a whole: of what it finds, they cover everything. */
  readonly whole: readonly CompiledException[];
  /** Those about packages alone, whatever the flaw. */
  readonly packages: readonly CompiledException[];
  /** Those about flaws, by each of the ids they name. */
  readonly byId: ReadonlyMap<string, readonly CompiledException[]>;
}

/** An exception, ready to be asked. */
export interface CompiledException {
  readonly exception: PolicyException;
  readonly isAboutRule: (rule: string) => boolean;
  readonly isAboutSubject: (subject: Subject) => boolean;
  readonly isAboutPackage: IsNamed;
}

/** Compiles exceptions. @throws PatternError */
export function compileExceptions(exceptions: readonly PolicyException[]): CompiledExceptions {
  const whole: CompiledException[] = [];
  const packages: CompiledException[] = [];
  const byId = new Map<string, CompiledException[]>();
  for (const exception of exceptions) {
    // Who asks about an image alone has no object; policies about objects ask these themselves.
    if (exception.objects !== undefined) continue;
    const compiled = compileException(exception);
    if (exception.ids === undefined) (exception.packages === undefined ? whole : packages).push(compiled);
    for (const id of new Set(exception.ids?.map(foldId))) {
      const list = byId.get(id);
      if (list === undefined) byId.set(id, [compiled]);
      else list.push(compiled);
    }
  }
  return { whole, packages, byId };
}

function compileException(exception: PolicyException): CompiledException {
  const rules = exception.rules === undefined ? undefined : new Set(exception.rules);
  const digests: ReadonlySet<string> | undefined =
    exception.digests === undefined ? undefined : new Set(exception.digests);
  const packages = exception.packages === undefined ? undefined : compilePackageNames(exception.packages);
  const names = compileNames(exception);
  return {
    exception,
    isAboutRule: (rule) => rules === undefined || rules.has(rule),
    isAboutSubject: (subject) =>
      (digests === undefined || (subject.digest !== undefined && digests.has(subject.digest))) && names(subject),
    isAboutPackage: (pkg) => packages === undefined || packages(pkg),
  };
}

/** The exceptions that are about one fact of a rule, whether or not they have ended. */
export type FindExceptions = (rule: string, finding: PreparedFinding | undefined) => readonly PolicyException[];

const none: readonly never[] = [];

/** Prepares looking for the exceptions of one subject; what was decided about it is remembered for the next question. */
export function exceptionsOf({ whole, packages, byId }: CompiledExceptions, subject: Subject): FindExceptions {
  const about = new Map<CompiledException, boolean>();
  const isAboutSubject = (compiled: CompiledException): boolean => {
    let answer = about.get(compiled);
    if (answer === undefined) about.set(compiled, (answer = compiled.isAboutSubject(subject)));
    return answer;
  };
  return (rule, finding) => {
    // Made when there is one, which is seldom; this is asked for each fact of each rule.
    let found: Set<PolicyException> | undefined;
    const consider = (list: readonly CompiledException[]): void => {
      for (const compiled of list) {
        if (!compiled.isAboutRule(rule) || !isAboutSubject(compiled)) continue;
        if (finding !== undefined && !compiled.isAboutPackage(finding.fact.package)) continue;
        (found ??= new Set()).add(compiled.exception);
      }
    };
    consider(whole);
    if (finding !== undefined) {
      consider(packages);
      for (const id of finding.ids) consider(byId.get(id) ?? none);
    }
    return found === undefined ? none : [...found];
  };
}
