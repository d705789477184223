import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { hashedRekord1 } from '../../../testing/signing/log-bodies.ts';
import { rekorV1 } from '../../../testing/signing/log-service.ts';
import { artifactDigest, certificate, envelope, message, publicKey } from '../../../testing/signing/logged-subjects.ts';
import { MemoryLog } from '../../../testing/signing/memory-log.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { LogEntry } from '../entity.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';
import { checkLogBodies } from '../verify/check-log-bodies.ts';
import { checkLogEntries } from '../verify/check-log-entries.ts';
import { type RekorV1Submission, submitToRekorV1 } from './rekor-v1.ts';

const digest = { algorithm: 'sha256', value: artifactDigest('sha256') } as const;
const record: RekorV1Submission = { kind: 'hashedrekord', content: message, digest, verifier: publicKey };

/** Submits to a server that answers so. */
async function submit(listener: RequestListener, submission = record, path = ''): Promise<LogEntry> {
  await using server = await listen(listener);
  await using network = openNetwork({ clock: instantClock() });
  return await submitToRekorV1({ network, baseUrl: `${server.url}${path}` }, submission);
}

async function fails(listener: RequestListener, code: SigningErrorCode, says: RegExp, name?: string): Promise<void> {
  await assert.rejects(submit(listener), (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.code, code, `${name}: ${error.message}`);
    assert.match(error.message, says, name);
    return true;
  });
}

const submissions: readonly RekorV1Submission[] = [
  record,
  { ...record, verifier: certificate },
  { ...record, digest: { algorithm: 'sha512', value: artifactDigest('sha512') } },
  { kind: 'dsse', content: envelope, verifier: publicKey },
  { kind: 'dsse', content: envelope, verifier: certificate },
  { kind: 'intoto', content: envelope, verifier: publicKey },
  { kind: 'intoto', content: { ...envelope, keyId: 'mine' }, verifier: certificate },
];

test('submitToRekorV1() gives entries that verify, new ones and those that are there already', async () => {
  const log = new MemoryLog();
  await using server = await listen(rekorV1(log));
  await using network = openNetwork();
  for (const submission of submissions) {
    for (const _time of ['new', 'again']) {
      const entry = await submitToRekorV1({ network, baseUrl: `${server.url}/` }, submission);
      assert.equal(entry.kind, submission.kind);
      const entries = [entry];
      const [verified] = checkLogEntries({ entries, logs: [log.instance()], threshold: 1, evidence: 'proof' });
      assert.deepEqual([verified?.promised, verified?.proven], [true, true]);
      checkLogBodies({ entries, ...submission, artifactDigest });
    }
  }
  assert.equal(log.size, submissions.length);
});

test('submitToRekorV1() finds the entry that is there by the address or by the message', async () => {
  const log = new MemoryLog();
  log.append(hashedRekord1({ digest: digest.value, signature: message.signature, verifier: publicKey }));
  for (const edit of [
    { location: undefined },
    { location: 'https://elsewhere.example/api/v1/log/entries/', whole: true },
    { location: '/api/v1/log/entries/', short: true },
  ]) {
    const listener: RequestListener = (request, response) => {
      const setHeader = response.setHeader.bind(response);
      response.setHeader = (name, value) => {
        if (name !== 'location') return setHeader(name, value);
        const id = String(value).slice('short' in edit ? -64 : -80);
        return edit.location === undefined ? response : setHeader(name, `${edit.location}${id}`);
      };
      rekorV1(log)(request, response);
    };
    assert.equal((await submit(listener)).logIndex, 100n);
  }
  assert.equal(log.size, 1);
});

/** Answers everything alike. */
function always(status: number, body: string, headers: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, headers).end(body));
  };
}

test('submitToRekorV1() tells refusals from failures', async () => {
  for (const [status, code] of [
    [400, 'SERVICE_REFUSED'],
    [401, 'SERVICE_REFUSED'],
    [404, 'SERVICE_REFUSED'],
    [413, 'SERVICE_REFUSED'],
    [408, 'SERVICE_UNAVAILABLE'],
    [429, 'SERVICE_UNAVAILABLE'],
    [500, 'SERVICE_UNAVAILABLE'],
    [502, 'SERVICE_UNAVAILABLE'],
    [503, 'SERVICE_UNAVAILABLE'],
    [200, 'SERVICE_PROTOCOL'],
    [204, 'SERVICE_PROTOCOL'],
    [307, 'SERVICE_PROTOCOL'],
  ] as const) {
    await fails(
      always(status, '{"code":1,"message":"so it is"}'),
      code,
      status === 204 ? /204/ : /so it is/,
      String(status),
    );
  }
});

test("submitToRekorV1() keeps the server's own words, harmless and short", async () => {
  await fails(always(400, '{"message":"a\\u001b[31m\\u202eb\\n\\"c\\""}'), 'SERVICE_REFUSED', /says "a \[31m b c"$/);
  await fails(always(400, `{"message":"${'x'.repeat(5000)}"}`), 'SERVICE_REFUSED', /"x{300}…"$/);
  await fails(always(400, 'plain words'), 'SERVICE_REFUSED', /says "plain words"$/);
  await fails(always(400, '<html>no</html>'), 'SERVICE_REFUSED', /answered 400$/);
  await fails(always(400, 'y'.repeat(20_000_000)), 'SERVICE_REFUSED', /"y{300}…"$/);
  const token = '{"message":"got Bearer abcdefghijkl at https://u:p@h.example/?k=v"}';
  await fails(always(400, token), 'SERVICE_REFUSED', /got Bearer \*\*\* at https:\/\/\*\*\*@h\.example\/\?k=\*\*\*/);
});

test('submitToRekorV1() refuses answers that keep no contract', async () => {
  const log = new MemoryLog();
  log.append(hashedRekord1({ digest: digest.value, signature: message.signature, verifier: publicKey }));
  for (const [body, says] of [
    ['', /cannot be read/],
    ['garbage', /cannot be read/],
    ['[]', /cannot be read/],
    ['{}', /cannot be read/],
    ['{"a":{},"b":{}}', /cannot be read/],
    ['{"a":null}', /cannot be read/],
    ['{"a":{"body":"e30=","verification":{"inclusionProof":{}}}}', /cannot be read/],
    [' '.repeat(9_000_000), /more than/],
  ] as const) {
    await fails(always(201, body), 'SERVICE_PROTOCOL', says, body.slice(0, 40));
  }
  await fails(always(409, '{}'), 'SERVICE_PROTOCOL', /does not say which/);
  await fails(
    always(409, 'x', { location: '/api/v1/log/entries/../../etc' }),
    'SERVICE_PROTOCOL',
    /does not say which/,
  );
});

/** Serves the log's answers with something in them changed. */
function changed(log: MemoryLog, change: (text: string) => string): RequestListener {
  return (request, response) => {
    const end = response.end.bind(response);
    response.end = ((text: string) => end(change(text))) as typeof response.end;
    rekorV1(log)(request, response);
  };
}

test('submitToRekorV1() refuses an entry that lacks a part, or has an impossible one', async () => {
  for (const [what, change] of [
    ['one', (text: string) => text.replace(/^\{"[0-9a-f]+":(.*)\}$/, '{"a":$1,"b":$1}')],
    ['promise', (text: string) => text.replace(/"signedEntryTimestamp":"[^"]*"/, '"signedEntryTimestamp":""')],
    ['checkpoint', (text: string) => text.replace(/"checkpoint":"(?:[^"\\]|\\.)*",/, '')],
    ['index', (text: string) => text.replace(/"logIndex":100/, '"logIndex":1e30')],
    ['log id', (text: string) => text.replace(/"logID":"..../, '"logID":"zzzz')],
    ['root', (text: string) => text.replace(/"rootHash":"[^"]*"/, '"rootHash":[]')],
    ['hashes', (text: string) => text.replace(/"hashes":\[\]/, `"hashes":[${Array(65).fill('"00"').join()}]`)],
  ] as const) {
    await fails(changed(new MemoryLog(), change), 'SERVICE_PROTOCOL', /cannot be read/, what);
  }
});

test('submitToRekorV1() refuses an entry about anything but what it sent', async () => {
  const another = hashedRekord1({ digest: digest.value, signature: message.signature, verifier: certificate });
  const swap = (text: string): string => text.replace(/"body":"[^"]*"/, `"body":"${another.toString('base64')}"`);
  await fails(changed(new MemoryLog(), swap), 'SERVICE_PROTOCOL', /about another key than the one it was given/);
});

test('submitToRekorV1() asks again where that may help, and then gives up', async () => {
  const log = new MemoryLog();
  let left = 2;
  const flaky: RequestListener = (request, response) => {
    left -= 1;
    if (left >= 0) return always(503, '')(request, response);
    return rekorV1(log)(request, response);
  };
  assert.equal((await submit(flaky)).logIndex, 100n);
  await fails((request) => request.socket.destroy(), 'SERVICE_UNAVAILABLE', /cannot be asked/);
});

test('submitToRekorV1() keeps the path of its address, and ends when it is told to', async () => {
  const log = new MemoryLog();
  const below: RequestListener = (request, response) => {
    assert.ok(request.url?.startsWith('/rekor/api/') === true, request.url);
    request.url = request.url.slice('/rekor'.length);
    rekorV1(log)(request, response);
  };
  assert.equal((await submit(below, record, '/rekor/')).logIndex, 100n);
  await using server = await listen(() => undefined);
  await using network = openNetwork();
  const stop = new AbortController();
  const answer = submitToRekorV1({ network, baseUrl: server.url, signal: stop.signal }, record);
  setTimeout(() => stop.abort(new Error('enough')), 20);
  await assert.rejects(answer, /enough/);
});

test('submitToRekorV1() leaves what the user decided as it is', async () => {
  await using network = openNetwork({ offline: true });
  await assert.rejects(submitToRekorV1({ network, baseUrl: 'https://log.example' }, record), { code: 'OFFLINE' });
  await assert.rejects(submitToRekorV1({ network, baseUrl: 'no address' }, record), { code: 'SIGNING_CONFIG_INVALID' });
});
