import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost } from '../../../testing/plain-host.ts';
import { addAdmissionCommands } from '../program/admission.ts';
import { buildProgram } from '../program/build-program.ts';

const files = ['--policy', 'p.yaml'];
const wrong: readonly (readonly [what: string, args: readonly string[], err: RegExp])[] = [
  ['nothing to judge by', [], /There is nothing to judge by; name policies with --policy, or add --cluster/],
  ['a cluster that is not asked for', [...files, '--context', 'a'], /--context is about a cluster; add --cluster/],
  ['an address that is none', [...files, '--listen', 'x'], /--listen is "x"; write it as host:port/],
  ['a port that is none', [...files, '--listen', 'x:80000'], /with a port up to 65535/],
  ['a rate that is none', [...files, '--registry-rate', 'x'], /--registry-rate/],
  ['a network that is none', [...files, '--refuse-network', '1.2.3'], /--refuse-network/],
  ['an age that is none', [...files, '--stale-age', '1y'], /--stale-age/],
  ['an interval that is none', [...files, '--background-interval', 'x'], /--background-interval/],
];

for (const [what, args, err] of wrong) {
  test(`admission serve says what is wrong with ${what} before it makes certificates`, async () => {
    using folder = temporaryDirectory();
    const plain = plainHost(folder.path);
    let status: number | undefined;
    const program = buildProgram(plain.host, (ended) => (status = ended), [addAdmissionCommands]);
    await program.parseAsync(['admission', 'serve', '--cache-dir', folder.path, ...args], { from: 'user' });
    assert.match(plain.err(), err);
    assert.deepEqual([status, plain.out(), readdirSync(folder.path)], [2, '', []]);
  });
}
