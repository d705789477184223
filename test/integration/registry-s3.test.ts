import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { checkLayout } from '../../testing/registry/check-layout.ts';
import { layoutClients, openClientHome } from '../../testing/registry/client-programs.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { startServing } from '../../testing/registry/serve-process.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';
import { startVersitygw, type Versitygw } from '../../testing/store/versitygw.ts';

const { skip } = needsProgram('versitygw');
const MiB = 1_048_576;

/** Mebibytes of each of the uploads that go on at the same time (SEAWORTHY_UPLOAD_MIB), and how many there are. */
const uploadMiB = Number(process.env['SEAWORTHY_UPLOAD_MIB'] ?? 16);
const width = 64;

let started: Promise<Versitygw> | undefined;

function gateway(): Promise<Versitygw> {
  started ??= startVersitygw();
  return started;
}

after(async () => {
  await (await started)?.[Symbol.asyncDispose]();
});

interface Place {
  readonly endpoint?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly secret?: string;
  readonly more?: string;
}

async function placeSettings(
  change: Place = {},
): Promise<{ readonly settings: string[]; readonly env: Record<string, string> }> {
  const { bucket } = await gateway();
  const { endpoint = bucket.endpoint, region = bucket.region, bucket: name = bucket.bucket, more = '' } = change;
  const place = `endpoint: "${endpoint}", region: ${region}, bucket: ${name}, pathStyle: true`;
  return {
    settings: [`storage: { s3: { ${place}${more} } }`],
    env: {
      AWS_ACCESS_KEY_ID: bucket.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: change.secret ?? bucket.credentials.secretAccessKey,
    },
  };
}

test(
  'a registry that cannot use its bucket says at its start why, in a sentence without the secret',
  { skip },
  async () => {
    const cases: readonly (readonly [change: Place, code: string, saying: RegExp])[] = [
      [{ secret: 'another/secret' }, 'STORE_UNAVAILABLE', /look at keys and permissions/],
      [{ bucket: 'not-this-one' }, 'STORE_SETTING_INVALID', /look at bucket, region and address/],
      [{ region: 'eu-other-2' }, 'STORE_SETTING_INVALID', /look at bucket, region and address/],
      [{ endpoint: 'http://127.0.0.1:1' }, 'STORE_UNAVAILABLE', /look at its address and the network/],
    ];
    for (const [change, code, saying] of cases) {
      using folder = temporaryDirectory();
      const { settings, env } = await placeSettings(change);
      await assert.rejects(startServing({ folder: folder.path, settings, env }), (error: unknown) => {
        const { message } = error as Error;
        assert.match(message, new RegExp(`^error ${code}: \\P{Cc}+\\n$`, 'u'));
        assert.match(message, saying);
        assert.ok(!message.includes(env['AWS_SECRET_ACCESS_KEY'] ?? ''), message);
        return true;
      });
    }
  },
);

test(`${width} uploads at a time have bounded memory`, { skip }, async (context) => {
  using folder = temporaryDirectory();
  await using served = await startServing({ folder: folder.path, ...(await placeSettings()) });
  const before = served.peakMemory();
  const piece = someBytes(MiB);
  const statuses = await Promise.all(
    Array.from({ length: width }, async (_, at) => {
      const bytes = Buffer.alloc(uploadMiB * MiB, piece);
      bytes.writeUInt32LE(at);
      const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
      return (await served.ask('POST', path, { body: bytes }))?.status;
    }),
  );
  assert.deepEqual(new Set(statuses), new Set([201]), served.log());
  const after = served.peakMemory();
  if (before === undefined || after === undefined) return context.skip('the system does not say');
  context.diagnostic(`${Math.round(before / MiB)} MiB at the start, ${Math.round(after / MiB)} MiB at most`);
  // 256 MiB of parts, what 64 connections hold, and what is not collected yet.
  assert.ok(after - before < 520 * MiB, `${Math.round((after - before) / MiB)} MiB`);
});

/** What came to the object store, and with which credentials. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly isSigned: boolean;
  readonly headers: IncomingHttpHeaders;
}

/** Passes requests on to the object store as they are, and remembers their heads. */
async function startObserver(to: string): Promise<{ readonly url: string; readonly seen: Seen[] } & AsyncDisposable> {
  const { hostname, port } = new URL(to);
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, path: url, isSigned: url.includes('X-Amz-Signature='), headers });
    const passed = ask({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    // Another host than the registry's: Go sends credentials along to other ports of the same one.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
const image = buildImage({ layers: [{ tar: [file('opt/noise', noise)], compression: 'none' }] });

for (const client of layoutClients) {
  const needs = skip === false ? needsProgram(client.name).skip : skip;
  test(
    `${client.name} fetches blobs from the store, and shows its password to the registry alone`,
    { skip: needs },
    async () => {
      const { bucket } = await gateway();
      await using observer = await startObserver(bucket.endpoint);
      using folder = temporaryDirectory();
      folder.write('users', `sailor:${hashSync('hold-fast', 4)}\n`);
      const { settings, env } = await placeSettings({
        endpoint: observer.url,
        more: `, prefix: ${client.name}, redirect: true`,
      });
      const auth = [
        'auth: { htpasswd: users }',
        'permissions: [{ repositories: ["**"], actions: ["*"], to: [user:sailor] }]',
        'accept: [empty-repositories]',
      ];
      await using served = await startServing({ folder: folder.path, settings: [...settings, ...auth], env });
      const { host } = new URL(served.url);
      using home = openClientHome();
      const login = Buffer.from('sailor:hold-fast').toString('base64');
      writeFileSync(home.path('config.json'), JSON.stringify({ auths: { [host]: { auth: login } } }));
      const layout = home.path('layout');
      writeFiles(layout, layoutFiles([{ content: image, refName: '1' }]));
      await client.push(home, layout, `${host}/team/app:v1`);
      const own = observer.seen.splice(0);
      assert.ok(own.every(({ headers }) => headers.authorization?.startsWith('AWS4-HMAC-SHA256') === true));
      await client.pull(home, `${host}/team/app:v1`, home.path('pulled'));
      checkLayout(home.path('pulled'), image);
      const fetched = observer.seen.filter(({ method, isSigned }) => method === 'GET' && isSigned);
      assert.ok(fetched.length > 0, 'it was sent to the store');
      for (const { headers, path } of observer.seen) {
        assert.doesNotMatch(JSON.stringify([headers, path]), new RegExp(`${login}|hold-fast|Basic|Bearer`));
      }
      assert.ok(fetched.every(({ headers }) => headers.authorization === undefined));
      assert.ok(fetched.every(({ path }) => !path.includes(env['AWS_SECRET_ACCESS_KEY'] ?? '')));
    },
  );
}
