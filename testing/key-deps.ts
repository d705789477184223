import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NetError } from '../src/net/error.ts';
import type { Network, NetworkOptions } from '../src/net/network.ts';
import { openNetwork } from '../src/net/open-network.ts';
import { SigningError } from '../src/signing/error.ts';
import type { KeyDeps } from '../src/signing/key/key-deps.ts';
import { listen } from './registry/listen.ts';

/** What an API of a test was asked. */
export interface ApiRequest {
  readonly method: string;
  /** The host that was meant, though a server on loopback answers for it. */
  readonly host: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What it answers: JSON, or text as it is. */
export interface ApiAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers for one host. */
export type Api = (request: ApiRequest) => ApiAnswer;

/** `KeyDeps` of a test: a network on which only the given hosts are, each answered over real HTTP on loopback. */
export interface TestKeyDeps extends KeyDeps, AsyncDisposable {
  readonly asked: readonly ApiRequest[];
  /** The changes with which the network was opened. */
  readonly opened: readonly Partial<NetworkOptions>[];
}

/** Carries the host that was meant to the server on loopback. */
const meantHost = 'x-meant-host';

/** Builds {@link KeyDeps}; a host without an API is one that nobody finds. */
export async function testKeyDeps(
  apis: Readonly<Record<string, Api>> = {},
  rest: Partial<KeyDeps> & { readonly files?: Readonly<Record<string, string | Buffer>> } = {},
): Promise<TestKeyDeps> {
  const asked: ApiRequest[] = [];
  const opened: Partial<NetworkOptions>[] = [];
  const server = await listen((request, response) => void answer(request, response, apis, asked));
  const real = openNetwork({ limits: { connectMs: 5000 } });
  const network: Network = {
    clock: real.clock,
    plainHttp: (host) => real.plainHttp(host),
    async request(question) {
      const url = new URL(String(question.url));
      if (apis[url.host] === undefined) {
        throw new NetError('UNRESOLVED', url.host, `${url.host} has no address`);
      }
      const headers = { ...question.headers, [meantHost]: url.host };
      const there = `${server.url}${url.pathname}${url.search}`;
      // A busy machine may answer later than metadata services do.
      const limits = { ...question.limits, connectMs: 5000, headersMs: 5000 };
      return { ...(await real.request({ ...question, headers, url: there, limits })), url };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { files = {}, ...others } = rest;
  return {
    env: {},
    network,
    openNetwork(changes) {
      opened.push(changes);
      return network;
    },
    readFile(path) {
      const content = files[path];
      if (content !== undefined) return Promise.resolve(Buffer.from(content));
      return readFile(`/nowhere${path}`);
    },
    password: () => Promise.resolve(Buffer.from('hold fast')),
    exec: ({ program }) => Promise.reject(new Error(`${program} is not to be run`)),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    ...others,
    asked,
    opened,
    async [Symbol.asyncDispose]() {
      await real[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  apis: Readonly<Record<string, Api>>,
  asked: ApiRequest[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', headers } = request;
  const host = String(headers[meantHost]);
  const question = {
    method,
    host,
    path,
    headers: headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks),
  };
  asked.push(question);
  let said: ApiAnswer;
  try {
    said = apis[host]?.(question) ?? { status: 404 };
  } catch (error) {
    // An assertion in the API: told in the answer, where the test shows it.
    said = { status: 418, text: String(error) };
  }
  response.writeHead(said.status ?? 200, said.headers);
  response.end(said.text ?? JSON.stringify(said.json ?? {}));
}

/** Asserts that a key cannot be had, that the reason is told, and that no secret of the tests (`shhh`) is told with it. */
export async function fails(act: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError && error.code === 'KEY_UNAVAILABLE', String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /shhh/);
    return true;
  });
}
