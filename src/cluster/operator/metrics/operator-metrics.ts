import { Counter, Gauge, type Registry } from 'prom-client';
import type { WriteOutcome } from '../report/write-reports.ts';
import type { Operator, OperatorState } from '../operator.ts';

/** How a look at an image ended. */
export type LookOutcome = 'layers' | 'inventory' | 'failed';

/** What is told of an operator, in the order of the documents. */
const operatorMetricTable: Readonly<
  Record<
    'leader' | 'images' | 'looks' | 'reports' | 'foreign' | 'behind' | 'left' | 'held' | 'database',
    { readonly name: string; readonly help: string; readonly labels: readonly string[] }
  >
> = {
  leader: { name: 'seaworthy_operator_leader', help: '1 where this process does the work of all replicas', labels: [] },
  images: {
    name: 'seaworthy_operator_images',
    help: 'Images that run: those of which it is known what is wrong with them, those that wait, and those that could not be looked at',
    labels: ['state'],
  },
  looks: {
    name: 'seaworthy_operator_image_looks_total',
    help: 'Looks at images: by reading layers, by what was read before, and those that failed',
    labels: ['outcome'],
  },
  reports: {
    name: 'seaworthy_operator_reports_total',
    help: 'Reports that were written or removed, or were not, since others write them or the cluster did not take them',
    labels: ['kind', 'outcome'],
  },
  foreign: {
    name: 'seaworthy_operator_foreign_reports',
    help: 'Reports of others that stand where ours would',
    labels: ['kind'],
  },
  behind: {
    name: 'seaworthy_operator_watch_behind',
    help: '1 for what is followed and may have changed unseen',
    labels: ['resource', 'reason'],
  },
  left: {
    name: 'seaworthy_operator_objects_left_out',
    help: 'Pods, Jobs and Nodes that are more than are looked at',
    labels: [],
  },
  held: {
    name: 'seaworthy_operator_held',
    help: 'Things that are held in memory, by what they are',
    labels: ['kind'],
  },
  database: {
    name: 'seaworthy_operator_database_built_timestamp_seconds',
    help: 'When the vulnerability database was built, in seconds since 1970; absent where there is none',
    labels: [],
  },
};

const outcomes: readonly WriteOutcome[] = ['written', 'removed', 'foreign', 'failed'];
const looks: readonly LookOutcome[] = ['layers', 'inventory', 'failed'];

/** Counts what an operator does, and tells what it knows when it is asked. */
export class OperatorMetrics {
  readonly registry: Registry;
  readonly #looks: Counter;
  readonly #reports: Counter;

  constructor(registry: Registry) {
    this.registry = registry;
    this.#looks = new Counter({ ...optionsOf('looks'), registers: [registry] });
    this.#reports = new Counter({ ...optionsOf('reports'), registers: [registry] });
    // A counter that is not there until it is one hides its first step from whoever looks at rates.
    for (const outcome of looks) this.#looks.inc({ outcome }, 0);
    for (const kind of ['VulnerabilityReport', 'SbomReport']) {
      for (const outcome of outcomes) this.#reports.inc({ kind, outcome }, 0);
    }
  }

  /** An image was looked at, or could not be. */
  readonly looked = (outcome: LookOutcome): void => this.#looks.inc({ outcome });

  /** Something became of a report. */
  readonly wrote = ({ kind }: { readonly kind: string }, outcome: WriteOutcome): void =>
    this.#reports.inc({ kind, outcome });

  /** Tells of a state whenever it is asked. */
  tell(operator: Pick<Operator, 'state' | 'held'>, leads: () => boolean): void {
    const state = (): OperatorState => operator.state;
    const gauge = (name: keyof typeof operatorMetricTable, set: (gauge: Gauge) => void): void => {
      const made: Gauge = new Gauge({
        ...optionsOf(name),
        registers: [this.registry],
        collect(): void {
          made.reset();
          set(made);
        },
      });
    };
    gauge('leader', (leader) => leader.set(leads() ? 1 : 0));
    gauge('images', (images) => {
      const counts = { known: 0, waiting: 0, failed: 0 };
      const { wanted, book } = state();
      for (const image of wanted.images.keys()) {
        if (book.found(image) !== undefined) counts.known += 1;
        else if (book.failure(image) !== undefined) counts.failed += 1;
        else counts.waiting += 1;
      }
      for (const [name, count] of Object.entries(counts)) images.set({ state: name }, count);
    });
    gauge('foreign', (foreign) => {
      const { reports, sboms } = state().foreign;
      foreign.set({ kind: 'VulnerabilityReport' }, reports);
      foreign.set({ kind: 'SbomReport' }, sboms);
    });
    gauge('behind', (behind) => {
      for (const [resource, reason] of state().behind) behind.set({ resource, reason }, 1);
    });
    gauge('left', (left) => left.set(state().left));
    gauge('held', (held) => {
      for (const [kind, count] of Object.entries(operator.held)) held.set({ kind }, count);
    });
    gauge('database', (database) => {
      const { builtAt } = state();
      if (builtAt === undefined) database.remove();
      else database.set(Math.floor(builtAt / 1000));
    });
  }
}

function optionsOf(key: keyof typeof operatorMetricTable): { name: string; help: string; labelNames: string[] } {
  const { name, help, labels } = operatorMetricTable[key];
  return { name, help, labelNames: [...labels] };
}
