import { parseDuration } from '../../base/duration.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import { paintWith } from '../../report/text/style.ts';
import { DatabaseRobots } from '../../registry/access/robot-records.ts';
import type { Action } from '../../registry/auth/access.ts';
import type { RepositoryGrant } from '../../registry/auth/grant.ts';
import { createRobot, revokeRobot, rotateRobot } from '../../registry/auth/robot/manage.ts';
import { robotPrefix } from '../../registry/auth/robot/name.ts';
import type { RobotRecord } from '../../registry/auth/robot/records.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openCommandTrail } from '../registry/command-trail.ts';
import { machineUser } from '../registry/machine-user.ts';
import { type OpenedRegistry, withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { useColour } from '../terminal/colour.ts';

/** What a new robot account may do. */
export interface RobotCreateOptions extends RegistryPlace {
  /** `PATTERN:ACTION,ACTION`, as token scopes have them. */
  readonly grant: readonly string[];
  /** A duration such as `90d`. */
  readonly expires?: string;
  readonly description?: string;
}

/** Accounts that are listed at once. */
const most = 1000;

/** `registry robot create`: makes an account for a machine, and prints its secret once. */
export function robotCreateCommand(
  name: string,
  { grant, expires, description, ...place }: RobotCreateOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const now = host.now().getTime();
  const robot = {
    name,
    grants: grant.map(parseGrant),
    ...(description === undefined ? {} : { description }),
    ...(expires === undefined ? {} : { expires: now + durationOf('--expires', expires) }),
  };
  const create = async ({ database }: OpenedRegistry): Promise<number> => {
    const by = { kind: 'user', name: machineUser() } as const;
    const change = { command: 'create', what: 'was made' };
    const { secret } = await changing(database, change, resolved, host, (robots) =>
      createRobot(robots, robot, by, now),
    );
    return tellSecret(name, secret, host);
  };
  return withRegistry(place, resolved, host, create, 'make');
}

/** `registry robot rotate`: gives an account another secret; the old one ends now, or after a time. */
export function robotRotateCommand(
  name: string,
  { overlap = '0s', ...place }: RegistryPlace & { readonly overlap?: string },
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const kept = overlap === '0s' ? 0 : durationOf('--overlap', overlap);
  return withRegistry(place, resolved, host, async ({ database }) => {
    const change = { command: 'rotate', what: 'has another secret' };
    const now = host.now().getTime();
    const { secret } = await changing(database, change, resolved, host, (robots) =>
      rotateRobot(robots, name, kept, now),
    );
    return tellSecret(name, secret, host);
  });
}

/** `registry robot revoke`: ends an account. */
export function robotRevokeCommand(
  name: string,
  place: RegistryPlace,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  return withRegistry(place, resolved, host, async ({ database }) => {
    const change = { command: 'revoke', what: 'was ended' };
    await changing(database, change, resolved, host, (robots) => revokeRobot(robots, name));
    return exitCode.ok;
  });
}

/** `registry robot list`: shows accounts, and never their secrets. */
export function robotListCommand(place: RegistryPlace, resolved: ResolvedSettings, host: Host): Promise<number> {
  return withRegistry(place, resolved, host, async ({ database }) => {
    const robots = await new DatabaseRobots(database).list(undefined, most);
    const columns = [
      { header: 'Robot' },
      { header: 'Grants', least: 20 },
      { header: 'Expires' },
      { header: 'Description', least: 12 },
    ];
    const paint = paintWith(useColour(host.env, host.stdout.isTerminal));
    const rows = robots.map((robot) => ({ cells: cellsOf(robot) }));
    const lines = renderTextTable(columns, rows, { width: host.stdout.columns ?? 120, paint });
    await host.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return exitCode.ok;
  });
}

/** Changes accounts, and writes each change into the audit trail with it. */
async function changing<Result>(
  database: SqlDatabase,
  { command, what }: { readonly command: string; readonly what: string },
  { settings }: ResolvedSettings,
  host: Host,
  work: (robots: DatabaseRobots) => Promise<Result>,
): Promise<Result> {
  const about = { name: `registry robot ${command}`, action: 'configure' } as const;
  await using trail = openCommandTrail(database, about, settings, host);
  const robots = new DatabaseRobots(database, (queries, name) =>
    trail.record(queries, { what: `Robot account ${name} ${what}` }),
  );
  return await work(robots);
}

function cellsOf({ name, grants, expires, disabled, description }: RobotRecord): string[] {
  const rights = grants.map(({ repositories, actions }) => `${repositories.join(' ')}:${actions.join(',')}`);
  const end = expires === undefined ? 'never' : new Date(expires).toISOString();
  return [`${robotPrefix}${name}`, rights.join('; '), disabled ? 'disabled' : end, description];
}

async function tellSecret(name: string, secret: string, { stdout, stderr }: Host): Promise<number> {
  await stderr.write(`Log in as ${robotPrefix}${name} with this secret; it is not shown again\n`);
  await stdout.write(`${secret}\n`);
  return exitCode.ok;
}

function parseGrant(text: string): RepositoryGrant {
  const colon = text.lastIndexOf(':');
  const [pattern, list] = [text.slice(0, colon), text.slice(colon + 1)];
  const known: ReadonlySet<string> = new Set(['pull', 'push', 'delete', 'list', '*']);
  const actions = list.split(',');
  if (colon > 0 && actions.every((action) => known.has(action))) {
    return { repositories: [pattern], actions: actions as (Action | '*')[] };
  }
  throw new ConfigError('SETTING_INVALID', `--grant is "${text}"; write it as PATTERN:pull,push`);
}

function durationOf(flag: string, text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new ConfigError('SETTING_INVALID', `${flag} is "${text}"; write a time such as 90d or 12h`);
}
