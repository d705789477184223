import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { isSignedWith, type Received, startReceiver } from '../../testing/registry/event-receiver.ts';
import { hastyClock, pushImage, serviceConfig, startOwnService } from '../../testing/registry/own-service.ts';
import { type Running, start } from './program.ts';

const key = Buffer.alloc(32, 1);

/** Starts `registry serve`, and gives its address too. The caller kills it. */
async function serve(folder: string): Promise<Running & { readonly url: string }> {
  const running = start(['registry', 'serve', '--config', 'seaworthy.yaml', '--data', 'data'], { cwd: folder });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(running.child.stdout).once('line', resolve);
    void running.ended.then(({ stderr }) => reject(new Error(`It ended: ${stderr}`)));
  });
  return { ...running, url };
}

test('an event of a push that was answered is delivered, although the registry was killed before that', async () => {
  let running: Running | undefined;
  // Killed while it delivers: it never learns whether the event came.
  await using receiver = await startReceiver((response, count) => {
    if (count === 1) running?.child.kill('SIGKILL');
    else response.end();
  });
  using folder = temporaryDirectory();
  folder.write('secret', `whsec_${key.toString('base64')}`);
  const settings = `registry:
  listen: 127.0.0.1:0
  webhooks:
    - {name: all, url: '${receiver.url}', events: [image.pushed], secretFile: secret, allowPrivate: true}
`;
  folder.write('seaworthy.yaml', settings);
  const first = await serve(folder.path);
  running = first;
  const status = await pushImage(first.url, 'team/app', 'v1', 'one').catch(() => undefined);
  assert.ok(status === 201 || status === undefined, 'the answer may be lost with the process, the event not');
  await receiver.until(1);
  assert.equal((await first.ended).signal, 'SIGKILL');

  // A delivery that nobody ends counts as left behind after some time, and is made again.
  const clock = hastyClock();
  clock.ahead = 60_000;
  await using _second = await startOwnService(await serviceConfig(folder, settings), { clock });
  clock.ahead += 10_000;
  const [before, after] = (await receiver.until(2)) as [Received, Received];
  assert.equal(after.headers['webhook-id'], before.headers['webhook-id']);
  assert.equal(after.body, before.body);
  assert.ok(isSignedWith(after, key));
});
