import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { memoryRobots } from '../../../../testing/registry-auth/memory-robots.ts';
import { isRegistryAuthError, type RegistryAuthErrorCode } from '../error.ts';
import type { Identity } from '../identity.ts';
import { allowedActions, compileGrants } from '../permission.ts';
import { RobotAuthenticator } from './authenticator.ts';
import { robotLimits } from './limits.ts';
import { changeRobot, createRobot, revokeRobot, rotateRobot, type NewRobot } from './manage.ts';
import { checkRobotName } from './name.ts';
import type { RobotRecord } from './records.ts';
import { makeSecret } from './secret.ts';

const start = Date.UTC(2026, 5, 15);
const by = { kind: 'user', name: 'alice' } as const;
const grants = [{ repositories: ['team/**'], actions: ['pull' as const] }];
const code =
  (expected: RegistryAuthErrorCode) =>
  (error: unknown): boolean =>
    isRegistryAuthError(error, expected);

function bench() {
  const records = memoryRobots();
  const clock = { time: start };
  const authenticator = new RobotAuthenticator(records, { now: () => clock.time });
  const login = (user: string, password: string): Promise<Identity | undefined> =>
    authenticator.authenticate({ kind: 'basic', user, password }, {});
  const create = (more: Partial<NewRobot> = {}) =>
    createRobot(records, { name: 'ci', grants, ...more }, by, clock.time);
  return { records, clock, authenticator, login, create };
}

test('a robot logs in with its secret, and has its own grants', async () => {
  const { create, login, records } = bench();
  const { record, secret } = await create({ description: 'builds' });
  assert.equal(record.createdBy, 'user:alice');
  assert.doesNotMatch(inspect([...records.robots], { depth: 10 }), new RegExp(secret));
  const identity = await login('robot+ci', secret);
  assert.ok(identity);
  assert.deepEqual([identity.kind, identity.name, identity.source], ['robot', 'ci', 'robot']);
  assert.deepEqual(allowedActions(compileGrants([]), identity, 'team/app'), ['pull']);
  assert.deepEqual(allowedActions(compileGrants([]), identity, 'other'), []);
  for (const [user, password] of [
    ['ci', secret],
    ['robot+', secret],
    ['robot+other', secret],
    ['Robot+ci', secret],
    ['robot+ci ', secret],
    ['robot+../ci', secret],
    ['robot+ci', ''],
    ['robot+ci', 'secret'],
    ['robot+ci', makeSecret().secret],
    ['robot+ci', record.secrets[0]?.sha256 ?? ''],
  ] as const) {
    assert.equal(await login(user, password), undefined, user);
  }
});

test('the authenticator of robots takes users of their form, and nobody else does', () => {
  const { authenticator } = bench();
  const fit = (user: string): string => authenticator.fits({ kind: 'basic', user, password: 'x' });
  assert.deepEqual([fit('robot+ci'), fit('robot+'), fit('robot'), fit('alice')], ['alone', 'alone', 'no', 'no']);
  assert.equal(authenticator.fits({ kind: 'bearer', token: 'robot+ci' }), 'no');
});

test('a text without the form of a secret is not looked up', async () => {
  let finds = 0;
  const records = memoryRobots(() => (finds += 1));
  const authenticator = new RobotAuthenticator(records, { now: () => start });
  await authenticator.authenticate({ kind: 'basic', user: 'robot+ci', password: 'guess' }, {});
  await authenticator.authenticate({ kind: 'basic', user: 'robot+../x', password: makeSecret().secret }, {});
  assert.equal(finds, 0);
  await authenticator.authenticate({ kind: 'basic', user: 'robot+ci', password: makeSecret().secret }, {});
  assert.equal(finds, 1);
});

test('a robot ends when it expires, is disabled or is revoked', async () => {
  const { create, login, records, clock, authenticator } = bench();
  const { secret } = await create({ expires: start + 1000 });
  const identity = await login('robot+ci', secret);
  assert.equal(identity?.expires, start + 1000);
  const here = async (): Promise<readonly boolean[]> => [
    (await login('robot+ci', secret)) !== undefined,
    (await authenticator.renew(identity, {})) !== undefined,
  ];
  assert.deepEqual(await here(), [true, true]);
  clock.time = start + 1000;
  assert.deepEqual(await here(), [false, false]);
  clock.time = start;
  await changeRobot(records, 'ci', () => ({ disabled: true }));
  assert.deepEqual(await here(), [false, false]);
  await changeRobot(records, 'ci', () => ({ disabled: false }));
  assert.deepEqual(await here(), [true, true]);
  await revokeRobot(records, 'ci');
  assert.deepEqual(await here(), [false, false]);
  await assert.rejects(revokeRobot(records, 'ci'), code('ROBOT_UNKNOWN'));
});

test('an old secret counts for the overlap, and its tokens with it', async () => {
  const { create, login, records, clock, authenticator } = bench();
  const first = (await create()).secret;
  const early = (await login('robot+ci', first)) as Identity;
  const second = (await rotateRobot(records, 'ci', 5000, clock.time)).secret;
  const logins = async (): Promise<readonly boolean[]> =>
    await Promise.all([first, second].map(async (secret) => (await login('robot+ci', secret)) !== undefined));
  assert.deepEqual(await logins(), [true, true]);
  assert.equal((await authenticator.renew(early, {}))?.expires, start + 5000);
  clock.time += 5000;
  assert.deepEqual(await logins(), [false, true]);
  assert.equal(await authenticator.renew(early, {}), undefined);
  const third = (await rotateRobot(records, 'ci', 0, clock.time)).secret;
  assert.deepEqual(await logins(), [false, false]);
  assert.ok(await login('robot+ci', third));
  assert.equal(records.robots.get('ci')?.secrets.length, 1);
  // Two rotations within one overlap leave the newest two.
  await rotateRobot(records, 'ci', 5000, clock.time);
  await rotateRobot(records, 'ci', 5000, clock.time);
  assert.equal(await login('robot+ci', third), undefined);
  assert.equal(records.robots.get('ci')?.secrets.length, 2);
});

test('rights of a robot count as they are at each request', async () => {
  const { create, login, records, authenticator } = bench();
  const identity = (await login('robot+ci', (await create()).secret)) as Identity;
  await changeRobot(records, 'ci', () => ({ grants: [{ repositories: ['other'], actions: ['push'] }] }));
  const now = (await authenticator.renew(identity, {})) as Identity;
  assert.deepEqual(allowedActions(compileGrants([]), now, 'team/app'), []);
  assert.deepEqual(allowedActions(compileGrants([]), now, 'other'), ['push']);
});

test('a change is made to the account as it is, or not at all', async () => {
  let rounds = 2;
  const records = memoryRobots((robots) => {
    const robot = robots.get('ci');
    if (robot !== undefined && rounds > 0) {
      robots.set('ci', { ...robot, description: `${robot.description}!`, revision: robot.revision + 1 });
    }
    rounds -= 1;
  });
  await createRobot(records, { name: 'ci', grants }, by, start);
  const changed = await changeRobot(records, 'ci', ({ description }) => ({ description: `${description}?` }));
  assert.deepEqual([changed.description, changed.revision], ['!!?', 4]);
  rounds = 100;
  await assert.rejects(
    changeRobot(records, 'ci', () => ({ disabled: true })),
    code('ROBOT_CHANGED'),
  );
  await assert.rejects(
    changeRobot(records, 'no', () => ({ disabled: true })),
    code('ROBOT_UNKNOWN'),
  );
});

test('accounts that cannot be meant are refused', async () => {
  const { create, records } = bench();
  await create();
  await assert.rejects(create(), code('ROBOT_EXISTS'));
  await assert.rejects(create(), /robot rotate ci/);
  const bad: readonly Partial<NewRobot>[] = [
    { name: '' },
    { name: 'CI' },
    { name: 'a b' },
    { name: 'a+b' },
    { name: '../a' },
    { name: '-a' },
    { name: 'x'.repeat(robotLimits.nameLength + 1) },
    { expires: start },
    { expires: start + robotLimits.maxLife + 1 },
    { expires: Number.NaN },
    { description: 'x'.repeat(robotLimits.descriptionLength + 1) },
    { grants: [{ repositories: [], actions: ['pull'] }] },
    { grants: [{ repositories: ['A'], actions: ['pull'] }] },
    { grants: Array.from({ length: robotLimits.grants + 1 }, () => grants[0] ?? { repositories: [], actions: [] }) },
    { grants: [{ repositories: Array.from({ length: robotLimits.repositories + 1 }, () => 'a'), actions: ['pull'] }] },
  ];
  for (const more of bad) {
    await assert.rejects(
      create({ name: 'new', ...more }),
      code('AUTH_SETTING_INVALID'),
      JSON.stringify(more).slice(0, 80),
    );
  }
  for (const overlap of [-1, Number.NaN, robotLimits.maxOverlap + 1]) {
    await assert.rejects(rotateRobot(records, 'ci', overlap, start), code('AUTH_SETTING_INVALID'));
  }
  const broken = (): Pick<RobotRecord, 'grants'> => ({ grants: [{ repositories: [''], actions: ['pull'] }] });
  await assert.rejects(changeRobot(records, 'ci', broken), code('AUTH_SETTING_INVALID'));
  assert.equal(records.robots.size, 1);
  for (const name of ['a', 'team/ci', 'a.b_c-d/e9']) assert.equal(checkRobotName(name), name);
});
