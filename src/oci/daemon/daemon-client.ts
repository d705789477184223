import { existsSync } from 'node:fs';
import { errorMessage } from '../../base/error.ts';
import { OciError } from '../error.ts';
import { daemonLimits } from './limits.ts';
import type { DaemonResponse, RequestUnixSocket } from './request.ts';
import type { DaemonKind } from './sockets.ts';

/** Asks one daemon about images. */
export class DaemonClient {
  readonly #kind: DaemonKind;
  readonly #socketPath: string;
  readonly #request: RequestUnixSocket;

  /**
   * @param sockets where it may be; the first that exists is taken
   * @throws OciError DAEMON_UNAVAILABLE when none does
   */
  constructor(kind: DaemonKind, sockets: readonly string[], request: RequestUnixSocket) {
    const socketPath = sockets.find((path) => existsSync(path));
    if (socketPath === undefined) {
      const looked = sockets.join(', ');
      throw new OciError(
        'DAEMON_UNAVAILABLE',
        `No ${kind} socket was found (${looked}); start ${kind} or set its address`,
      );
    }
    this.#kind = kind;
    this.#socketPath = socketPath;
    this.#request = request;
  }

  /** Gets a small answer whole, with the version of the API that gave it. */
  async get(path: string, signal?: AbortSignal): Promise<{ readonly bytes: Buffer; readonly apiVersion: string }> {
    const response = await this.#send(path, signal, { maxBodyBytes: daemonLimits.answerBytes });
    if (response.status !== 200) throw await this.#failure(path, response);
    const bytes = await this.#readWhole(response, daemonLimits.answerBytes, signal);
    return { bytes, apiVersion: response.headers.get('api-version') ?? '' };
  }

  /** Streams a long answer. */
  async *stream(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await this.#send(path, signal, {
      headersMs: daemonLimits.saveHeadersMs,
      idleMs: daemonLimits.saveIdleMs,
      maxBodyBytes: daemonLimits.imageBytes,
    });
    if (response.status !== 200) throw await this.#failure(path, response);
    const chunks = response.body[Symbol.asyncIterator]();
    let whole = false;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const next = await this.#translated(() => chunks.next(), signal);
        if (next.done === true) break;
        yield next.value;
      }
      whole = true;
    } finally {
      if (!whole) response.discard();
    }
  }

  #send(path: string, signal: AbortSignal | undefined, limits: Record<string, number>): Promise<DaemonResponse> {
    const request = { url: `http://localhost${path}`, socketPath: this.#socketPath, limits };
    return this.#translated(() => this.#request({ ...request, signal }), signal);
  }

  async #readWhole(response: DaemonResponse, maxBytes: number, signal: AbortSignal | undefined): Promise<Buffer> {
    return await this.#translated(async () => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of response.body) {
        length += chunk.length;
        if (length > maxBytes)
          throw new OciError('LIMIT_EXCEEDED', `The ${this.#kind} daemon's answer is far too long`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks, length);
    }, signal);
  }

  async #failure(path: string, response: DaemonResponse): Promise<OciError> {
    const said = await this.#message(response);
    const name = decodeURIComponent(path.split('/').slice(2, -1).join('/')).slice(0, 200);
    if (response.status === 404 && /platform/i.test(said)) {
      return new OciError('PLATFORM_UNAVAILABLE', `The ${this.#kind} daemon has no such variant of ${name}: ${said}`);
    }
    if (response.status === 404) {
      const hint = `pull it first, or write registry:${name}`;
      return new OciError('IMAGE_NOT_FOUND', `The ${this.#kind} daemon does not have ${name}; ${hint}`);
    }
    const answer = `answered ${response.status}${said && ` (${said})`}`;
    return new OciError('DAEMON_UNAVAILABLE', `The ${this.#kind} daemon ${answer} when asked for ${name}; see its log`);
  }

  async #message(response: DaemonResponse): Promise<string> {
    try {
      const bytes = await this.#readWhole(response, daemonLimits.errorBytes, undefined);
      const { message } = JSON.parse(bytes.toString('utf8')) as { readonly message?: unknown };
      return typeof message === 'string' ? message.replaceAll(/[\x00-\x20\x7f]+/g, ' ').slice(0, 300) : '';
    } catch {
      response.discard();
      return '';
    }
  }

  async #translated<Result>(run: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (signal?.aborted === true || error instanceof OciError) throw error;
      const what = `The ${this.#kind} daemon at ${this.#socketPath} cannot be asked (${errorMessage(error)})`;
      throw new OciError('DAEMON_UNAVAILABLE', `${what}; is it running, and may you use it?`, { cause: error });
    }
  }
}
